namespace CpfPipeline.Ingest.Downloads;

/// <summary>A former feed that was applied completely, after which nothing else has changed an image of its source.</summary>
/// <param name="FeedId">The feed.</param>
/// <param name="Sha256">SHA-256 of its file.</param>
/// <param name="ETag">Its server's latest ETag, or null.</param>
/// <param name="LastModified">Its server's latest Last-Modified, or null.</param>
internal sealed record KnownFeed(long FeedId, byte[] Sha256, string? ETag, string? LastModified);
