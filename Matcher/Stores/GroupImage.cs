namespace CpfPipeline.Matcher.Stores;

/// <summary>An image of a match group.</summary>
/// <param name="Source">The feed or seller.</param>
/// <param name="ExternalId">The source's name of the image.</param>
/// <param name="ProductKey">The product key from the feed, if any.</param>
/// <param name="Sha256">Hash of its bytes, hex.</param>
/// <param name="ContentId">Its content.</param>
internal sealed record GroupImage(string Source, string ExternalId, string? ProductKey, string Sha256, long ContentId);
