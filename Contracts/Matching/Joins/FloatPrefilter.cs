using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Kernels;

namespace CpfPipeline.Matching.Joins;

/// <summary>
/// Candidates by products in float (<see cref="BlockedProduct"/>, <see cref="FloatBound"/>): works on every machine and lets hardly one
/// through for nothing.
/// </summary>
internal sealed class FloatPrefilter(EmbeddingMatrix left, int maxThreads) : IPairPrefilter
{
    private readonly BlockedProduct _product = new(left.Dimension, maxThreads);

    public PairKernel Kernel => PairKernel.Float32;

    public int BlockRows { get; } = BlockedProduct.BlockRows(left.Dimension);

    public void Scan(
        EmbeddingMatrix block, int start, int count, bool triangle, RowThresholds thresholds, Func<ICandidateSink> newSink,
        CancellationToken cancellationToken)
    {
        var bound = FloatBound.Of(left.Dimension, left.LargestSquaredNorm, block.LargestSquaredNorm);
        _product.Pack((row, values) => HalfRows.Widen(block.Row(row), values), start, count, cancellationToken);
        _product.Multiply(
            (row, values) => HalfRows.Widen(left.Row(row), values), triangle ? start + count : left.Count,
            row => FloatBound.Threshold(thresholds.Min(row), bound), () => new Sink(newSink(), start, thresholds, bound),
            cancellationToken);
    }

    private sealed class Sink(ICandidateSink sink, int start, RowThresholds thresholds, double bound) : IHitSink
    {
        private const int HitsPerLook = 32;
        private int _row = -1;
        private int _hits;
        private float _keep;

        public void Hit(int left, int right, float product)
        {
            // What is kept only improves: a threshold that is a few hits old lets a few more through.
            if (left != _row || ++_hits == HitsPerLook)
            {
                (_row, _hits, _keep) = (left, 0, FloatBound.Threshold(thresholds.Keep(left), bound));
            }

            sink.Candidate(left, start + right, product >= _keep);
        }

        public void Flush() => sink.Flush();
    }
}
