using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Kernels;

namespace CpfPipeline.Matching.Joins;

/// <summary>
/// Candidates by products in float (<see cref="BlockedProduct"/>, <see cref="FloatBound"/>): works on every machine and lets hardly one
/// through for nothing.
/// </summary>
/// <remarks>
/// With a <see cref="KnownCore"/> the first left rows are multiplied with all right rows, which tells what belongs to the core. Then its
/// right rows are multiplied apart from the others: between two of the core only what may be kept is a candidate.
/// </remarks>
internal sealed class FloatPrefilter(EmbeddingMatrix left, int maxThreads) : IPairPrefilter
{
    // Enough for what is near most of a giant to be seen near one of them.
    private const int FirstLefts = 96;
    private const int MinLeftsForCore = 4 * FirstLefts;

    private readonly BlockedProduct _product = new(left.Dimension, maxThreads);

    public PairKernel Kernel => PairKernel.Float32;

    public int BlockRows { get; } = BlockedProduct.BlockRows(left.Dimension);

    public void Scan(
        EmbeddingMatrix block, int start, int count, bool triangle, RowThresholds thresholds, Func<ICandidateSink> newSink,
        CancellationToken cancellationToken)
    {
        var pass = new Pass(block, thresholds, newSink, FloatBound.Of(left.Dimension, left.LargestSquaredNorm, block.LargestSquaredNorm));
        var rights = Enumerable.Range(start, count).ToArray();
        var lefts = triangle ? start + count : left.Count;
        if (triangle || thresholds.Core is not { } core || lefts < MinLeftsForCore)
        {
            Multiply(pass, rights, 0, lefts, thresholds.Min, cancellationToken);
            return;
        }

        Multiply(pass, rights, 0, FirstLefts, thresholds.Min, cancellationToken);
        var parts = rights.ToLookup(core.Right);
        Multiply(
            pass, [.. parts[true]], FirstLefts, lefts, row => core.Left(row) ? thresholds.Keep(row) : thresholds.Min(row),
            cancellationToken);
        Multiply(pass, [.. parts[false]], FirstLefts, lefts, thresholds.Min, cancellationToken);
    }

    private void Multiply(
        Pass pass, int[] rights, int firstLeft, int endLeft, Func<int, double> min, CancellationToken cancellationToken)
    {
        if (rights.Length == 0)
        {
            return;
        }

        _product.Pack((i, values) => HalfRows.Widen(pass.Block.Row(rights[i]), values), 0, rights.Length, cancellationToken);
        _product.Multiply(
            (i, values) => HalfRows.Widen(left.Row(firstLeft + i), values), endLeft - firstLeft,
            i => FloatBound.Threshold(min(firstLeft + i), pass.Bound), () => new Sink(pass, rights, firstLeft), cancellationToken);
    }

    private sealed record Pass(EmbeddingMatrix Block, RowThresholds Thresholds, Func<ICandidateSink> NewSink, double Bound);

    private sealed class Sink(Pass pass, int[] rights, int firstLeft) : IHitSink
    {
        private const int HitsPerLook = 32;
        private readonly ICandidateSink _sink = pass.NewSink();
        private int _row = -1;
        private int _hits;
        private float _keep;

        public void Hit(int left, int right, float product)
        {
            // What is kept only improves: a threshold that is a few hits old lets a few more through.
            if (left != _row || ++_hits == HitsPerLook)
            {
                (_row, _hits, _keep) = (left, 0, FloatBound.Threshold(pass.Thresholds.Keep(firstLeft + left), pass.Bound));
            }

            _sink.Candidate(firstLeft + left, rights[right], product >= _keep);
        }

        public void Flush() => _sink.Flush();
    }
}
