using System.Numerics.Tensors;
using CpfPipeline.Matching.Kernels;

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
/// by key.
/// (3) A short list of the best candidates stays
    /// useful through merges (<see cref="CandidateLists"/>); all clusters are searched only when it no longer decides. (4) A cluster
    /// without a partner of at least tau never gets one and
/// retires; so clusters far from everything cost one search.</para>
/// </remarks>
internal sealed class NeighbourChain
{
    private const int None = -1;

    private readonly ClusterTable _clusters;
    private readonly double _tau;
    private readonly int[] _active;
    private readonly int[] _positions;
    private readonly float[] _estimates;
    private readonly CandidateLists _candidates;
    private readonly float _minEstimate;
    private int _activeCount;

    /// <param name="clusters">All clusters.</param>
    /// <param name="slots">The slots of the clusters to begin with, rising.</param>
    /// <param name="tau">Smallest mean that merges.</param>
    /// <param name="listLength">Candidates kept a cluster.</param>
    public NeighbourChain(ClusterTable clusters, int[] slots, double tau, int listLength)
    {
        _clusters = clusters;
        _tau = tau;
        _active = [.. slots];
        _activeCount = slots.Length;
        _estimates = new float[slots.Length];
        var capacity = slots.Length == 0 ? 0 : slots[^1] + 1;
        _positions = new int[capacity];
        _candidates = new CandidateLists(capacity, listLength);
        _minEstimate = FloatBound.Threshold(tau, clusters.ErrorBound);
        for (var position = 0; position < slots.Length; position++)
        {
            _positions[slots[position]] = position;
        }
    }

    /// <summary>Makes every cluster's list by one blocked product, many times faster than search by search.</summary>
    /// <param name="listLength">Candidates kept a cluster.</param>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public void Seed(int listLength, int maxThreads, CancellationToken cancellationToken)
    {
        var nearest = new CandidateLists.Nearest[_activeCount];
        for (var position = 0; position < nearest.Length; position++)
        {
            nearest[position] = new CandidateLists.Nearest(listLength);
        }

        var product = new BlockedProduct(_clusters.Dimension, maxThreads);
        var blockRows = BlockedProduct.BlockRows(_clusters.Dimension);
        RowReader reader = (row, values) => _clusters.Mean(_active[row]).CopyTo(values);
        for (var start = 0; start < nearest.Length; start += blockRows)
        {
            var first = start;
            product.Pack(reader, first, Math.Min(blockRows, nearest.Length - first), cancellationToken);
            product.Multiply(
                reader, nearest.Length, row => Math.Max(_minEstimate, nearest[row].Min), () => new SeedSink(this, nearest, first),
                cancellationToken);
        }

        for (var position = 0; position < nearest.Length; position++)
        {
            _candidates.Set(_active[position], nearest[position], _clusters.ErrorBound);
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
                _candidates.Merge(left, right);
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
    }

    private int Nearest(int slot)
    {
        var bound = _candidates.Bound(slot);
        if (!double.IsPositiveInfinity(bound))
        {
            // All that is not listed is at most the bound. It loses to a best that surely exceeds it, and does not matter below tau.
            var listed = _candidates.Current(slot);
            var highest = Estimate(slot, listed);
            if (bound < _tau || highest - _clusters.ErrorBound > bound)
            {
                return Best(slot, listed, highest);
            }
        }

        var all = _active.AsSpan(0, _activeCount);
        var highestOfAll = Estimate(slot, all);
        _candidates.Renew(slot, all, _estimates, _minEstimate, _clusters.ErrorBound);
        return Best(slot, all, highestOfAll);
    }

    /// <summary>
    /// Estimates the means with <paramref name="others"/>, minus infinity for the cluster itself and those kept apart; returns the highest.
    /// </summary>
    private float Estimate(int slot, ReadOnlySpan<int> others)
    {
        if (others.IsEmpty)
        {
            return float.NegativeInfinity;
        }

        _clusters.Estimate(slot, others, _estimates);
        var separated = _clusters.SeparatedFrom(slot);
        for (var i = 0; i < others.Length; i++)
        {
            if (others[i] == slot || (separated is not null && separated.Contains(others[i])))
            {
                _estimates[i] = float.NegativeInfinity;
            }
        }

        return TensorPrimitives.Max<float>(_estimates.AsSpan(0, others.Length));
    }

    /// <summary>
    /// The first of <paramref name="others"/> in the order, decided exactly among those that the estimates' error leaves open, if it
    /// reaches tau.
    /// </summary>
    private int Best(int slot, ReadOnlySpan<int> others, float highest)
    {
        var error = _clusters.ErrorBound;
        var open = Math.Max(highest - (2 * error), _tau - error);
        var best = None;
        ExactMean? bestMean = null;
        for (var i = 0; i < others.Length; i++)
        {
            if (_estimates[i] < open)
            {
                continue;
            }

            var other = others[i];
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
        var sure = highest >= _tau + (2 * error);
        return best == None || sure || (bestMean ?? _clusters.Exact(slot, best)).Reaches(_tau) ? best : None;
    }

    private sealed class SeedSink(NeighbourChain chain, CandidateLists.Nearest[] nearest, int blockStart) : IHitSink
    {
        public void Hit(int left, int right, float product)
        {
            var (slot, other) = (chain._active[left], chain._active[blockStart + right]);
            if (slot != other && chain._clusters.SeparatedFrom(slot)?.Contains(other) != true)
            {
                nearest[left].Add(other, product);
            }
        }

        public void Flush()
        {
        }
    }
}
