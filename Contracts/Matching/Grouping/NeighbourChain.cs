namespace CpfPipeline.Matching.Grouping;

/// <summary>Agglomerates clusters by nearest-neighbour chains: O(n^2 D) time, O(n D) memory, the result of the greedy order.</summary>
/// <remarks>
/// <para>Order all pairs of clusters by key = (mean falling, smaller id, larger id); keys of different pairs differ. When A and B merge, A
/// u B takes the id min(A, B), and for any C the mean with A u B is a weighted mean of those with A and with B. So it is at most the larger
/// of the two, and if it equals the larger, both are equal and the new pair's key is that of (min(A, B), C), the better of the two old
/// ones. Hence key(A u B, C) never comes before both key(A, C) and key(B, C): the linkage is reducible under a total order, ties included.
/// A <c>different</c> verdict counts as a mean of minus infinity, which keeps this true.</para>
/// <para>Consequences. (1) Two clusters that are each other's first choice stay so whatever else merges, so they may be merged at once, and
/// the set of merges is the greedy one (Murtagh 1983; Muellner 2011). (2) Greedy's keys only ever get worse: its order is the merges sorted
/// by key. (3) A short list of the best candidates stays useful through merges (<see cref="CandidateLists"/>), and a first choice stays
/// one while neither of the two has merged (<see cref="FirstChoices"/>); all clusters are searched only when neither decides.
/// (4) A cluster without a partner of at least tau never gets one and retires; so clusters far from everything cost one search.</para>
/// <para>Many chains grow side by side. Each stops where a search is needed, and these searches become one product. Where chains lead to
/// the same cluster, only one of them goes on. While most do (a few clusters are near everything), the others are for nothing; so their
/// number falls with that of the active clusters.</para>
/// </remarks>
internal sealed class NeighbourChain
{
    private const int MaxChains = 64;

    private readonly ClusterTable _clusters;
    private readonly int _activePerChain;
    private readonly ActiveClusters _active;
    private readonly FirstChoices _choices;
    private readonly List<Stack<int>> _chains = [];
    private readonly List<(int Left, int Right, ExactMean Mean)> _merges = [];
    private int _nextStart;

    /// <param name="clusters">All clusters.</param>
    /// <param name="slots">The slots of the clusters to begin with, rising.</param>
    /// <param name="tau">Smallest mean that merges.</param>
    /// <param name="settings">What the time depends on.</param>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    public NeighbourChain(ClusterTable clusters, int[] slots, double tau, AgglomerationSettings settings, int maxThreads)
    {
        _clusters = clusters;
        _activePerChain = settings.ActivePerChain;
        _active = new ActiveClusters(clusters, slots);
        _choices = new FirstChoices(clusters, _active, tau, settings.ListLength, maxThreads);
    }

    /// <summary>Makes every cluster's list by one blocked product, many times faster than search by search.</summary>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public void Seed(CancellationToken cancellationToken) => _choices.Seed(cancellationToken);

    /// <summary>The merges (smaller slot, larger slot, mean) in the order found.</summary>
    public List<(int Left, int Right, ExactMean Mean)> Run(IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var total = _active.Count;
        var reported = total;
        var searched = new HashSet<int>();
        while (_active.Count > 0)
        {
            searched.Clear();
            var chains = Math.Clamp(_active.Count / _activePerChain, 1, MaxChains);
            for (var i = 0; i < chains && _active.Count > 0; i++)
            {
                if (i == _chains.Count)
                {
                    _chains.Add(new Stack<int>());
                }

                Grow(_chains[i], searched, cancellationToken);
            }

            if (searched.Count > 0)
            {
                _choices.Search([.. searched], cancellationToken);
            }

            if (progress is not null && reported - _active.Count >= 256)
            {
                reported = _active.Count;
                progress.Report((double)(total - _active.Count) / total);
            }
        }

        progress?.Report(1);
        return _merges;
    }

    /// <summary>
    /// Follows first choices from the end of a chain, and merges on the way, until one is unknown: that cluster is then to be searched for.
    /// </summary>
    private void Grow(Stack<int> chain, HashSet<int> searched, CancellationToken cancellationToken)
    {
        while (_active.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (chain.Count == 0)
            {
                _nextStart = _nextStart < _active.Count - 1 ? _nextStart + 1 : 0;
                chain.Push(_active.Slots[_nextStart]);
            }

            var end = chain.Peek();
            if (!_active.Contains(end))
            {
                chain.Pop(); // It was merged from another chain.
            }
            else if (!_choices.TryGet(end, out var choice))
            {
                if (!searched.Add(end))
                {
                    chain.Clear(); // Another chain waits here. This one starts elsewhere next time.
                }

                return;
            }
            else if (choice == FirstChoices.None)
            {
                _active.Retire(end);
            }
            else if (_choices.TryGet(choice, out var back) && back == end)
            {
                Merge(Math.Min(end, choice), Math.Max(end, choice));
            }
            else
            {
                chain.Push(choice);
            }
        }
    }

    private void Merge(int left, int right)
    {
        _merges.Add((left, right, _clusters.Exact(left, right)));
        _clusters.Merge(left, right);
        _choices.Merge(left, right);
        _active.Retire(right);
        _active.Update(left);
    }
}
