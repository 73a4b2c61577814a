using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;
using CpfPipeline.Matching.Kernels;
using CpfPipeline.Vision.Products;
using Microsoft.ML.OnnxRuntime;

namespace CpfPipeline.Joiner.Devices;

/// <summary>
/// Candidates by products that ONNX Runtime computes, on a device where there is one, with the proved bound of <see cref="ProductBound"/>.
/// What it names is decided exactly by the join, as with any other kernel, so the result is the same bit by bit.
/// </summary>
/// <param name="session">Used by one join at a time.</param>
/// <param name="left">The left rows.</param>
/// <param name="lost">Told why when the session fails; the join fails then, too, since a part of its candidates was named.</param>
internal sealed class DevicePrefilter(ProductSession session, EmbeddingMatrix left, Action<string>? lost = null) : IPairPrefilter
{
    // Products and comparisons of one run take six bytes a pair on a device, five on the CPU.
    private const int RightRows = 16_384;
    private const int LeftRowsOnDevice = 8_192;
    private const int LeftRowsOnCpu = 512;

    public PairKernel Kernel => PairKernel.Device;

    public int BlockRows => RightRows;

    public void Scan(
        EmbeddingMatrix block, int start, int count, bool triangle, RowThresholds thresholds, Func<ICandidateSink> newSink,
        CancellationToken cancellationToken)
    {
        try
        {
            ScanWithDevice(block, start, count, triangle, thresholds, newSink, cancellationToken);
        }
        catch (OnnxRuntimeException e)
        {
            lost?.Invoke(e.Message);
            throw;
        }
    }

    private void ScanWithDevice(
        EmbeddingMatrix block, int start, int count, bool triangle, RowThresholds thresholds, Func<ICandidateSink> newSink,
        CancellationToken cancellationToken)
    {
        var bound = ProductBound.Of(session.Type, left.Dimension, left.LargestSquaredNorm, block.LargestSquaredNorm);
        float Least(double similarity) => ProductBound.Threshold(session.Type, similarity, bound);

        var sink = newSink();
        session.SetRight(count, (row, to) => block.Row(start + row).CopyTo(to));
        var (lefts, atOnce) = (
            triangle ? start + count : left.Count, session.Type == ProductType.Float16 ? LeftRowsOnDevice : LeftRowsOnCpu);
        for (var first = 0; first < lefts; first += atOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var from = first;
            session.Run(
                Math.Min(atOnce, lefts - from), (row, to) => left.Row(from + row).CopyTo(to),
                row => Least(thresholds.Min(from + row)),
                (row, right, product) => sink.Candidate(from + row, start + right, product >= Least(thresholds.Keep(from + row))));
        }

        sink.Flush();
    }
}
