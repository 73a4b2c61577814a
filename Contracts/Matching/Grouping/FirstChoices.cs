using System.Numerics.Tensors;
using CpfPipeline.Matching.Kernels;

namespace CpfPipeline.Matching.Grouping;

/// <summary>
/// The first choice of each cluster in the order of <see cref="NeighbourChain"/>: remembered while both are what they were, else decided by
/// the cluster's candidate list, else searched for among all active clusters, for several clusters at once.
/// </summary>
/// <remarks>
/// Whatever else merges, a first choice stays the first choice: the linkage is reducible. One search reads all means from memory and
/// does little with each; a product of many searches with the same means takes hardly longer.
/// </remarks>
internal sealed class FirstChoices
{
    /// <summary>No cluster has a mean of at least tau.</summary>
    public const int None = -1;

    private const int Unknown = -2;

    private readonly ClusterTable _clusters;
    private readonly ActiveClusters _active;
    private readonly double _tau;
    private readonly float _minEstimate;
    private readonly CandidateLists _candidates;
    private readonly WorkGroups _groups;
    private readonly int[] _choices;
    private readonly int[] _versions;
    private readonly int[] _choiceVersions;
    private readonly int _listLength;
    private readonly List<int> _open = [];
    private float[] _listed;
    private float[] _estimates = [];

    /// <param name="clusters">All clusters.</param>
    /// <param name="active">Those that are searched.</param>
    /// <param name="tau">Smallest mean of a choice.</param>
    /// <param name="listLength">Candidates kept a cluster.</param>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    public FirstChoices(ClusterTable clusters, ActiveClusters active, double tau, int listLength, int maxThreads)
    {
        (_clusters, _active, _tau, _listLength) = (clusters, active, tau, listLength);
        var slots = active.Capacity;
        _minEstimate = FloatBound.Threshold(tau, clusters.ErrorBound);
        _candidates = new CandidateLists(slots, listLength);
        _groups = new WorkGroups(maxThreads);
        _choices = new int[slots];
        Array.Fill(_choices, Unknown);
        _versions = new int[slots];
        _choiceVersions = new int[slots];
        _listed = new float[4 * listLength];
    }

    /// <summary>Makes the list of every active cluster by one blocked product.</summary>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public void Seed(CancellationToken cancellationToken)
    {
        _active.Pack();
        var nearest = _active.NearestOfAll(_listLength, _minEstimate, _groups, cancellationToken);
        for (var position = 0; position < nearest.Length; position++)
        {
            _candidates.Set(_active.Slots[position], nearest[position], _clusters.ErrorBound);
        }
    }

    /// <summary>The first choice of a cluster, <see cref="None"/> included, if it is known without a search.</summary>
    public bool TryGet(int slot, out int choice)
    {
        choice = _choices[slot];
        if (choice == None || (choice >= 0 && _versions[choice] == _choiceVersions[slot]))
        {
            return true;
        }

        var bound = _candidates.Bound(slot);
        if (double.IsPositiveInfinity(bound))
        {
            return false;
        }

        // All that is not listed is at most the bound. It loses to a best that surely exceeds it, and does not matter below tau.
        var listed = _candidates.Current(slot);
        if (_listed.Length < listed.Length)
        {
            _listed = new float[listed.Length];
        }

        var estimates = _listed.AsSpan(0, listed.Length);
        _clusters.Estimate(slot, listed, estimates);
        var highest = Exclude(slot, listed, estimates);
        if (bound >= _tau && highest - _clusters.ErrorBound <= bound)
        {
            return false;
        }

        choice = Decide(slot, listed, estimates, highest);
        return true;
    }

    /// <summary>Finds the first choices of some clusters among all active ones, and makes their lists anew.</summary>
    /// <param name="slots">The clusters.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public void Search(IReadOnlyList<int> slots, CancellationToken cancellationToken)
    {
        // A product of a few rows costs hardly more than of one, so one alone is better off with a search.
        if (_active.IsPacked && slots.Count > 1)
        {
            var nearest = _active.Nearest(slots, _listLength, _minEstimate, _groups, cancellationToken);
            for (var i = 0; i < nearest.Length; i++)
            {
                _candidates.Set(slots[i], nearest[i], _clusters.ErrorBound);
            }
        }

        foreach (var slot in slots)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!TryGet(slot, out _))
            {
                Scan(slot);
            }
        }
    }

    /// <summary>Follows a merge of <paramref name="right"/> into <paramref name="left"/>.</summary>
    public void Merge(int left, int right)
    {
        _candidates.Merge(left, right);
        _choices[left] = _choices[right] = Unknown;
        _versions[left]++;
        _versions[right]++;
    }

    /// <summary>One search: for few clusters, and where more are equally near than a list holds.</summary>
    private void Scan(int slot)
    {
        var all = _active.Slots;
        if (_estimates.Length < all.Length)
        {
            _estimates = new float[all.Length];
        }

        var estimates = _estimates.AsSpan(0, all.Length);
        _clusters.Estimate(slot, all, estimates);
        var highest = Exclude(slot, all, estimates);
        _candidates.Renew(slot, all, estimates, _minEstimate, _clusters.ErrorBound);
        Decide(slot, all, estimates, highest);
    }

    private int Decide(int slot, ReadOnlySpan<int> others, ReadOnlySpan<float> estimates, float highest)
    {
        _open.Clear();
        Open(others, estimates, highest);
        return Remember(slot, Best(slot, highest));
    }

    private int Remember(int slot, int choice)
    {
        _choices[slot] = choice;
        _choiceVersions[slot] = choice == None ? 0 : _versions[choice];
        return choice;
    }

    /// <summary>
    /// Sets the estimates of the cluster itself and of those kept apart from it to minus infinity. Returns the highest of the others.
    /// </summary>
    private float Exclude(int slot, ReadOnlySpan<int> others, Span<float> estimates)
    {
        if (others.IsEmpty)
        {
            return float.NegativeInfinity;
        }

        var separated = _clusters.SeparatedFrom(slot);
        var own = others.IndexOf(slot);
        if (own >= 0)
        {
            estimates[own] = float.NegativeInfinity;
        }

        for (var i = 0; separated is not null && i < others.Length; i++)
        {
            if (separated.Contains(others[i]))
            {
                estimates[i] = float.NegativeInfinity;
            }
        }

        return TensorPrimitives.Max<float>(estimates);
    }

    /// <summary>Adds the clusters that the estimates' error leaves open as the first choice.</summary>
    private void Open(ReadOnlySpan<int> others, ReadOnlySpan<float> estimates, float highest)
    {
        var min = (float)Math.Max(highest - (2 * _clusters.ErrorBound), _tau - _clusters.ErrorBound);
        min = MathF.BitDecrement(min);
        for (var i = AtLeast.Next(estimates, 0, min); i < estimates.Length; i = AtLeast.Next(estimates, i + 1, min))
        {
            _open.Add(others[i]);
        }
    }

    /// <summary>The first of the open ones in the order, decided exactly, if it reaches tau.</summary>
    private int Best(int slot, float highest)
    {
        var best = None;
        ExactMean? bestMean = null;
        foreach (var other in _open)
        {
            if (best == None)
            {
                best = other;
                continue;
            }

            bestMean ??= _clusters.Exact(slot, best);
            var mean = _clusters.Exact(slot, other);
            var order = mean.CompareTo(bestMean.Value);
            if (order > 0 || (order == 0 && other < best))
            {
                (best, bestMean) = (other, mean);
            }
        }

        // Twice the error: whatever rounds in these lines is far below it.
        var sure = highest >= _tau + (2 * _clusters.ErrorBound);
        return best == None || sure || (bestMean ?? _clusters.Exact(slot, best)).Reaches(_tau) ? best : None;
    }
}
