using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Learning.Features;

/// <summary>Runs a head over many features, on all cores.</summary>
public static class ParallelHead
{
    // A multiple of what the head computes at once; small enough to spread over the cores.
    private const int RowsPerBlock = 256;

    /// <summary>The embeddings of features, and for each row why it has none, or null.</summary>
    /// <param name="session">The head, F values to D.</param>
    /// <param name="features"><c>[N,F] float16</c>, row by row.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ModelFileException">The head does not run.</exception>
    public static (Half[] Embeddings, string?[] Reasons) Embed(
        HeadSession session, ReadOnlyMemory<Half> features, CancellationToken cancellationToken)
    {
        var (f, d) = (session.Spec.FeatureDim, session.Spec.EmbeddingDim);
        var n = features.Length / f;
        var (embeddings, reasons) = (new Half[checked(n * d)], new string?[n]);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        try
        {
            Parallel.For(0, (n + RowsPerBlock - 1) / RowsPerBlock, options, block =>
            {
                var first = block * RowsPerBlock;
                var rows = Math.Min(RowsPerBlock, n - first);
                session.Embed(
                    features.Span.Slice(first * f, rows * f), rows, embeddings.AsSpan(first * d, rows * d), reasons.AsSpan(first, rows));
            });
        }
        catch (AggregateException e)
        {
            throw SessionFailure.Explain(e, "head");
        }

        return (embeddings, reasons);
    }
}
