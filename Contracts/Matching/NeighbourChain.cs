namespace CpfPipeline.Matching;

/// <summary>Agglomerates clusters by nearest-neighbour chains: O(n^2 D) time, O(n D) memory, the result of the greedy order.</summary>
/// <remarks>
/// <para>Order all pairs of clusters by key = (mean falling, smaller id, larger id); keys of different pairs differ. When A and B merge, A u B takes the
/// id min(A, B), and for any C the mean with A u B is a weighted mean of those with A and with B. So it is at most the larger of the two, and
/// if it equals the larger, both are equal and the new pair's key is that of (min(A, B), C), the better of the two old ones. Hence
/// key(A u B, C) never comes before both key(A, C) and key(B, C): the linkage is reducible under a total order, ties included. A
/// <c>different</c> verdict counts as a mean of minus infinity, which keeps this true.</para>
/// <para>Consequences. (1) Two clusters that are each other's first choice stay so whatever else merges, so they may be merged at once, and the set
/// of merges is the greedy one (Murtagh 1983; Muellner 2011). (2) Greedy's keys only ever get worse: its order is the merges sorted by key.
/// (3) A known nearest neighbour stays nearest until it or its owner merges. (4) A cluster without a partner of at least tau never gets one and
/// retires; so clusters far from everything cost one search.</para>
/// </remarks>
internal sealed class NeighbourChain
{
    private const int None = -1;

    private readonly ClusterTable _clusters;
    private readonly double _tau;
    private readonly int[] _active;
    private readonly int[] _positions;
    private readonly int[] _neighbours;
    private readonly int[] _versions;
    private readonly int[] _neighbourVersions;
    private readonly float[] _estimates;
    private readonly int _maxThreads;
    private int _activeCount;

    public NeighbourChain(ClusterTable clusters, int[] slots, double tau, int maxThreads)
    {
        _clusters = clusters;
        _tau = tau;
        _maxThreads = maxThreads;
        _active = [.. slots];
        _activeCount = slots.Length;
        _estimates = new float[slots.Length];
        var capacity = slots.Length == 0 ? 0 : slots[^1] + 1;
        _positions = new int[capacity];
        _neighbours = new int[capacity];
        _versions = new int[capacity];
        _neighbourVersions = new int[capacity];
        Array.Fill(_neighbours, None);
        for (var position = 0; position < slots.Length; position++)
        {
            _positions[slots[position]] = position;
        }
    }

    /// <summary>The merges (smaller slot, larger slot, mean) in the order found.</summary>
    public List<(int Left, int Right, ExactMean Mean)> Run(IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var merges = new List<(int Left, int Right, ExactMean Mean)>();
        var chain = new Stack<int>();
        var total = _activeCount;
        while (_activeCount > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (chain.Count == 0)
            {
                chain.Push(_active[0]);
            }

            var tip = chain.Pop();
            var nearest = Nearest(tip);
            if (nearest == None)
            {
                Retire(tip);
            }
            else if (chain.TryPeek(out var previous) && previous == nearest)
            {
                chain.Pop();
                var (left, right) = (Math.Min(tip, nearest), Math.Max(tip, nearest));
                merges.Add((left, right, _clusters.Exact(left, right)));
                _clusters.Merge(left, right);
                _versions[left]++;
                _neighbours[left] = None;
                Retire(right);
            }
            else
            {
                chain.Push(tip);
                chain.Push(nearest);
                continue;
            }

            if (progress is not null && (total - _activeCount) % 256 == 0)
            {
                progress.Report((double)(total - _activeCount) / total);
            }
        }

        progress?.Report(1);
        return merges;
    }

    private void Retire(int slot)
    {
        var (position, last) = (_positions[slot], _active[--_activeCount]);
        _active[position] = last;
        _positions[last] = position;
        _versions[slot]++;
    }

    private int Nearest(int slot)
    {
        var known = _neighbours[slot];
        if (known != None && _neighbourVersions[slot] == _versions[known])
        {
            return known;
        }

        var nearest = Search(slot);
        _neighbours[slot] = nearest;
        _neighbourVersions[slot] = nearest == None ? 0 : _versions[nearest];
        return nearest;
    }

    /// <summary>Estimates all means in float, and decides exactly among those that the error leaves open.</summary>
    private int Search(int slot)
    {
        var estimates = _estimates.AsSpan(0, _activeCount);
        _clusters.Estimate(slot, _active.AsSpan(0, _activeCount), estimates);
        estimates[_positions[slot]] = float.NegativeInfinity;
        if (_clusters.SeparatedFrom(slot) is { } separated)
        {
            foreach (var other in separated)
            {
                // A retired cluster's position is stale.
                if (_positions[other] < _activeCount && _active[_positions[other]] == other)
                {
                    estimates[_positions[other]] = float.NegativeInfinity;
                }
            }
        }

        var bound = _clusters.ErrorBound;
        var highest = System.Numerics.Tensors.TensorPrimitives.Max<float>(estimates);
        var open = Math.Max((double)highest - (2 * bound), _tau - bound);
        var best = None;
        ExactMean? bestMean = null;
        for (var position = 0; position < estimates.Length; position++)
        {
            if (estimates[position] < open || float.IsNegativeInfinity(estimates[position]))
            {
                continue;
            }

            var other = _active[position];
            if (best == None)
            {
                best = other;
                continue;
            }

            bestMean ??= _clusters.Exact(slot, best);
            var mean = _clusters.Exact(slot, other);
            if (mean.CompareTo(bestMean.Value) is var order && (order > 0 || (order == 0 && other < best)))
            {
                (best, bestMean) = (other, mean);
            }
        }

        if (best != None && highest < _tau + bound + bound && !(bestMean ?? _clusters.Exact(slot, best)).Reaches(_tau))
        {
            best = None;
        }

        return best;
    }
}
