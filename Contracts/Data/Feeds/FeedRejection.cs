namespace CpfPipeline.Data.Feeds;

/// <summary>A row of a feed that was rejected.</summary>
/// <param name="RowNumber">From 1.</param>
/// <param name="ExternalId">The image; empty when the row had none.</param>
/// <param name="Reason">Documented reason code.</param>
/// <param name="Detail">What was wrong, for a person.</param>
public sealed record FeedRejection(long RowNumber, string ExternalId, string Reason, string? Detail);
