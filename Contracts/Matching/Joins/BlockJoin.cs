using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Kernels;

namespace CpfPipeline.Matching.Joins;

/// <summary>
/// Exact join of left rows kept in memory with right rows that arrive in blocks: every pair with similarity &gt;= tau, without any limit,
/// and optionally the nearest neighbours of each left row from the same products.
/// </summary>
/// <remarks>
/// Products are computed blocked, in float or in rounded whole numbers (<see cref="PairKernel"/>). What comes within their proved error of
/// tau (see <c>FloatBound</c>, <c>QuantisedRow</c>) is decided by <see cref="Similarity.Exact"/>, so the kernel changes only the time.
/// A content is never paired with itself: rows of equal content id are skipped. When left rows also arrive on the right, a pair of two of
/// them is reported twice, once from each side.
/// Memory: the left halves, one packed block of at most some 20 MB, and 4 x 96 x D bytes a thread.
/// </remarks>
public sealed class BlockJoin
{
    private readonly EmbeddingMatrix _left;
    private readonly double _tau;
    private readonly NearestNeighbours? _nearest;
    private readonly NearestNeighbours? _matches;
    private readonly IPairPrefilter _prefilter;

    /// <param name="left">The left rows; not to be changed while this object is in use.</param>
    /// <param name="tau">Smallest similarity of a reported pair; finite.</param>
    /// <param name="nearest">Filled with each left row's nearest right rows, when given.</param>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    /// <param name="kernel">How candidates are found.</param>
    /// <param name="matches">Filled with each left row's nearest right rows at or above tau, when given: its floor is tau or more.</param>
    /// <exception cref="PlatformNotSupportedException">This machine does not have the kernel asked for.</exception>
    public BlockJoin(
        EmbeddingMatrix left, double tau, NearestNeighbours? nearest = null, int maxThreads = 0, PairKernel kernel = PairKernel.Fastest,
        NearestNeighbours? matches = null)
        : this(left, tau, nearest, left => NewPrefilter(left, maxThreads, kernel), matches)
    {
    }

    /// <summary>As the other one, with candidates found from outside.</summary>
    /// <param name="left">The left rows; not to be changed while this object is in use.</param>
    /// <param name="tau">Smallest similarity of a reported pair; finite.</param>
    /// <param name="nearest">Filled with each left row's nearest right rows, when given.</param>
    /// <param name="newPrefilter">Makes what finds candidates.</param>
    /// <param name="matches">Filled with each left row's nearest right rows at or above tau, when given: its floor is tau or more.</param>
    public BlockJoin(
        EmbeddingMatrix left, double tau, NearestNeighbours? nearest, Func<EmbeddingMatrix, IPairPrefilter> newPrefilter,
        NearestNeighbours? matches = null)
    {
        if (matches is not null && (matches.Rows != left.Count || matches.Floor < tau))
        {
            throw new ArgumentException(
                $"Matches are kept for {matches.Rows} rows from {matches.Floor} up, "
                + $"the join has {left.Count} and finds them from {tau} up.",
                nameof(matches));
        }

        _matches = matches;
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
        _prefilter = newPrefilter(left);
    }

    /// <summary>The kernel in use.</summary>
    public PairKernel Kernel => _prefilter.Kernel;

    /// <summary>Joins a block of any number of rows and reports (left row, row in the block, similarity) of each pair.</summary>
    /// <param name="block">Right rows of the same dimension.</param>
    /// <param name="sink">Never called by two threads at once; the order of calls is fixed only with one thread.</param>
    /// <param name="cancellationToken">Stops within milliseconds; the pairs reported so far are then incomplete.</param>
    public void Accept(EmbeddingMatrix block, Action<int, int, double> sink, CancellationToken cancellationToken = default) =>
        Accept(block, sink, null, cancellationToken);

    /// <summary>As the other overload, less the pairs that are known.</summary>
    /// <param name="block">Right rows of the same dimension.</param>
    /// <param name="sink">Never called by two threads at once; the order of calls is fixed only with one thread.</param>
    /// <param name="known">
    /// Pairs (left row, row in the block) that need not be reported; asked by several threads at once, so that <paramref name="sink"/> is
    /// left with what is new. Those that cannot be among the neighbours kept are not even decided.
    /// </param>
    /// <param name="cancellationToken">Stops within milliseconds; the pairs reported so far are then incomplete.</param>
    public void Accept(
        EmbeddingMatrix block, Action<int, int, double> sink, Func<int, int, bool>? known, CancellationToken cancellationToken) =>
        Accept(block, sink, known, null, cancellationToken);

    /// <summary>As the other overload; of the pairs within a core many are not even looked at.</summary>
    /// <inheritdoc cref="Accept(EmbeddingMatrix, Action{int, int, double}, Func{int, int, bool}?, CancellationToken)" path="/param"/>
    /// <param name="core">Rows of which all pairs are known; null for none.</param>
    public void Accept(
        EmbeddingMatrix block, Action<int, int, double> sink, Func<int, int, bool>? known, KnownCore? core,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(sink);
        if (block.Dimension != _left.Dimension)
        {
            throw new ArgumentException($"The block has dimension {block.Dimension}, the join {_left.Dimension}.", nameof(block));
        }

        Accept(block, triangle: false, sink, known, core, cancellationToken);
    }

    internal void Accept(
        EmbeddingMatrix block, bool triangle, Action<int, int, double> sink, CancellationToken cancellationToken) =>
        Accept(block, triangle, sink, null, null, cancellationToken);

    /// <summary>With <paramref name="triangle"/> the block is the left matrix itself and only pairs left &lt; right are reported.</summary>
    internal void Accept(
        EmbeddingMatrix block, bool triangle, Action<int, int, double> sink, Func<int, int, bool>? known, KnownCore? core,
        CancellationToken cancellationToken)
    {
        var thresholds = new RowThresholds(
            row => _nearest is null ? _tau : Math.Min(_tau, _nearest.MinSimilarity(row)),
            row => Math.Min(
                _nearest?.MinSimilarity(row) ?? double.PositiveInfinity, _matches?.MinSimilarity(row) ?? double.PositiveInfinity),
            core);
        var gate = new Lock();
        for (var start = 0; start < block.Count; start += _prefilter.BlockRows)
        {
            _prefilter.Scan(
                block, start, Math.Min(_prefilter.BlockRows, block.Count - start), triangle, thresholds,
                () => new PairBuffer(this, block, triangle, sink, known, gate), cancellationToken);
        }
    }

    /// <summary>What finds candidates on the processor.</summary>
    /// <param name="left">The left rows.</param>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    /// <param name="kernel">How.</param>
    /// <exception cref="PlatformNotSupportedException">This machine does not have the kernel asked for.</exception>
    public static IPairPrefilter NewPrefilter(EmbeddingMatrix left, int maxThreads, PairKernel kernel)
    {
        var supported = Int8Prefilter.Supports(left.Dimension);
        return kernel switch
        {
            PairKernel.Fastest when supported => new Int8Prefilter(left, maxThreads),
            PairKernel.Int8 when supported => new Int8Prefilter(left, maxThreads),
            PairKernel.Int8 => throw new PlatformNotSupportedException(
                $"The int8 kernel needs AVX2 and at most {QuantisedRow.MaxDimension} values a row."),
            PairKernel.Device => throw new PlatformNotSupportedException("A device's products are given to the join from outside."),
            _ => new FloatPrefilter(left, maxThreads),
        };
    }

    /// <summary>Decides pairs exactly and hands them on in batches, so that threads seldom wait for each other.</summary>
    private sealed class PairBuffer(
        BlockJoin join, EmbeddingMatrix block, bool triangle, Action<int, int, double> sink, Func<int, int, bool>? known, Lock gate)
        : ICandidateSink
    {
        private const int BatchPairs = 4096;
        private readonly List<(int Left, int Right, double Similarity)> _pairs = [];

        // In a giant component most pairs are known and none of the nearest: these are not decided.
        public void Candidate(int left, int right, bool mayBeKept)
        {
            if ((triangle && left >= right) || (!mayBeKept && known?.Invoke(left, right) == true)
                || (!triangle && join._left.ContentId(left) == block.ContentId(right)))
            {
                return;
            }

            var similarity = Similarity.Exact(join._left.Row(left), block.Row(right));
            if (mayBeKept)
            {
                join._nearest?.Offer(left, block.ContentId(right), similarity);
            }

            if (similarity < join._tau)
            {
                return;
            }

            if (mayBeKept)
            {
                join._matches?.Offer(left, block.ContentId(right), similarity);
            }

            if (!mayBeKept || known?.Invoke(left, right) != true)
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
