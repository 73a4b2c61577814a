namespace CpfPipeline.Embedder.Embedding;

/// <summary>A live image that was rejected because of its content.</summary>
/// <param name="ImageId">The image.</param>
/// <param name="Source">The feed or seller.</param>
/// <param name="ExternalId">The source's own name.</param>
/// <param name="Revision">The revision that was rejected.</param>
/// <param name="ContentId">The content it referred to.</param>
/// <param name="Reason">Reason code.</param>
/// <param name="Detail">For a person.</param>
internal sealed record RejectedImage(
    Guid ImageId, string Source, string ExternalId, long Revision, long ContentId, string Reason, string? Detail);
