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
    /// <exception cref="ModelFileException">The head does not run.</exception>
    public static HeadVectors Compute(HeadFile head, ContentVectors features, CancellationToken cancellationToken)
    {
        using var session = new HeadSession(head, new SessionSettings());
        var (values, reasons) = ParallelHead.Embed(session, features.Values, cancellationToken);
        return new HeadVectors(new ContentVectors(session.Spec.EmbeddingDim, values), [.. reasons.Select(r => r is null)]);
    }
}
