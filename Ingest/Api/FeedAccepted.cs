namespace CpfPipeline.Ingest.Api;

/// <summary>Answer to <c>POST /feeds</c>.</summary>
/// <param name="FeedId">Handle for <c>GET /feeds/{id}</c>.</param>
internal sealed record FeedAccepted(long FeedId);
