namespace CpfPipeline.Matching;

/// <summary>
/// Exact join of left rows kept in memory with right rows that arrive in blocks: every pair with similarity &gt;= tau, without any limit, and
/// optionally the nearest neighbours of each left row from the same products.
/// </summary>
/// <remarks>
/// Products are computed in float, blocked; what comes within the proved error of tau (see <c>FloatBound</c>) is decided by <see cref="Similarity.Exact"/>.
/// A content is never paired with itself: rows of equal content id are skipped. When left rows come by on the right too, a pair of two of
/// them is reported twice, once from each side.
/// Memory: the left halves, one block as float (packed), and 4 x 96 x D bytes a thread.
/// </remarks>
public sealed class BlockJoin
{
    private readonly EmbeddingMatrix _left;
    private readonly double _tau;
    private readonly NearestNeighbours? _nearest;
    private readonly BlockedProduct _product;

    /// <param name="left">The left rows; not to be changed while this object is in use.</param>
    /// <param name="tau">Smallest similarity of a reported pair; finite.</param>
    /// <param name="nearest">Filled with each left row's nearest right rows, when given.</param>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    public BlockJoin(EmbeddingMatrix left, double tau, NearestNeighbours? nearest = null, int maxThreads = 0)
    {
        ArgumentNullException.ThrowIfNull(left);
        if (!double.IsFinite(tau))
        {
            throw new ArgumentOutOfRangeException(nameof(tau), tau, "The threshold must be finite.");
        }

        if (nearest is not null && nearest.Rows != left.Count)
        {
            throw new ArgumentException($"Neighbours are kept for {nearest.Rows} rows, the join has {left.Count}.", nameof(nearest));
        }

        _left = left;
        _tau = tau;
        _nearest = nearest;
        _product = new BlockedProduct(left.Dimension, maxThreads);
    }

    /// <summary>Joins a block of any number of rows and reports (left row, row in the block, similarity) of each pair.</summary>
    /// <param name="block">Right rows of the same dimension.</param>
    /// <param name="sink">Never called by two threads at once; the order of calls is fixed only with one thread.</param>
    /// <param name="cancellationToken">Stops within milliseconds; the pairs reported so far are then incomplete.</param>
    public void Accept(EmbeddingMatrix block, Action<int, int, double> sink, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(sink);
        if (block.Dimension != _left.Dimension)
        {
            throw new ArgumentException($"The block has dimension {block.Dimension}, the join {_left.Dimension}.", nameof(block));
        }

        Accept(block, triangle: false, sink, cancellationToken);
    }

    /// <summary>With <paramref name="triangle"/> the block is the left matrix itself and only pairs left &lt; right are reported.</summary>
    internal void Accept(EmbeddingMatrix block, bool triangle, Action<int, int, double> sink, CancellationToken cancellationToken)
    {
        var bound = FloatBound.Of(_left.Dimension, _left.LargestSquaredNorm, block.LargestSquaredNorm);
        var tauThreshold = FloatBound.Threshold(_tau, bound);
        float Threshold(int row) =>
            _nearest is null ? tauThreshold : Math.Min(tauThreshold, FloatBound.Threshold(_nearest.LeastSimilarity(row), bound));

        var gate = new Lock();
        var rows = BlockedProduct.BlockRows(_left.Dimension);
        for (var start = 0; start < block.Count; start += rows)
        {
            var (first, count) = (start, Math.Min(rows, block.Count - start));
            _product.Pack((row, values) => HalfRows.Widen(block.Row(row), values), first, count, cancellationToken);
            _product.Multiply(
                (row, values) => HalfRows.Widen(_left.Row(row), values), triangle ? first + count : _left.Count, Threshold,
                () => new PairBuffer(this, block, first, triangle, sink, gate), cancellationToken);
        }
    }

    /// <summary>Decides pairs exactly and hands them on in batches, so that threads seldom wait for each other.</summary>
    private sealed class PairBuffer(BlockJoin join, EmbeddingMatrix block, int blockStart, bool triangle, Action<int, int, double> sink, Lock gate) : IHitSink
    {
        private const int BatchPairs = 4096;
        private readonly List<(int Left, int Right, double Similarity)> _pairs = [];

        public void Hit(int left, int right, float product)
        {
            right += blockStart;
            if (triangle ? left >= right : join._left.ContentId(left) == block.ContentId(right))
            {
                return;
            }

            var similarity = Similarity.Exact(join._left.Row(left), block.Row(right));
            join._nearest?.Offer(left, block.ContentId(right), similarity);
            if (similarity >= join._tau)
            {
                _pairs.Add((left, right, similarity));
                if (_pairs.Count == BatchPairs)
                {
                    Flush();
                }
            }
        }

        public void Flush()
        {
            lock (gate)
            {
                foreach (var (left, right, similarity) in _pairs)
                {
                    sink(left, right, similarity);
                }
            }

            _pairs.Clear();
        }
    }
}
