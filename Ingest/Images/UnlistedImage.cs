namespace CpfPipeline.Ingest.Images;

/// <summary>An image that a snapshot feed does not list.</summary>
/// <param name="ImageId">The image.</param>
/// <param name="ExternalId">The source's own name of it.</param>
/// <param name="Revision">Its revision.</param>
internal sealed record UnlistedImage(Guid ImageId, string ExternalId, long Revision);
