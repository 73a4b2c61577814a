namespace CpfPipeline.Ingest.Replays;

/// <summary>How far a replay is.</summary>
/// <param name="LookedAt">Failed messages looked at.</param>
/// <param name="Total">How many there were when it began.</param>
/// <param name="PutBack">How many of them are in their queue again.</param>
/// <param name="Waits">Why it waits; null while it goes on.</param>
internal sealed record ReplayProgress(long LookedAt, long Total, long PutBack, string? Waits = null);
