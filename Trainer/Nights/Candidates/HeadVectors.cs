using CpfPipeline.Learning.Features;
using CpfPipeline.Nights.TrainingSets;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Nights.Candidates;

/// <summary>Embeddings of a training set's rows under a head, as they would be stored.</summary>
/// <param name="Vectors">A row without one is zeros.</param>
/// <param name="IsUsable">Whether a row has one.</param>
internal sealed record HeadVectors(ContentVectors Vectors, bool[] IsUsable)
{
    // A multiple of what the head computes at once; small enough to spread over the cores.
    private const int RowsATime = 256;

    /// <exception cref="ModelFileException">The head does not run.</exception>
    public static HeadVectors Compute(HeadFile head, ContentVectors features, CancellationToken cancellationToken)
    {
        using var session = new HeadSession(head, new SessionSettings());
        var (n, f, d) = (features.Count, features.Dimension, session.Spec.EmbeddingDim);
        var (values, reasons) = (new Half[checked(n * d)], new string?[n]);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        try
        {
            Parallel.For(0, (n + RowsATime - 1) / RowsATime, options, block =>
            {
                var first = block * RowsATime;
                var rows = Math.Min(RowsATime, n - first);
                session.Embed(features.Values.AsSpan(first * f, rows * f), rows, values.AsSpan(first * d, rows * d), reasons.AsSpan(first, rows));
            });
        }
        catch (AggregateException e)
        {
            throw SessionFailure.Explain(e, "head");
        }

        return new HeadVectors(new ContentVectors(d, values), [.. reasons.Select(r => r is null)]);
    }
}
