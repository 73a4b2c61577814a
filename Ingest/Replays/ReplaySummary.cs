namespace CpfPipeline.Ingest.Replays;

/// <summary>What a replay did, or would do.</summary>
/// <param name="LookedAt">Failed messages looked at.</param>
/// <param name="Chosen">How many the filter chose.</param>
/// <param name="PutBack">How many of those are in their queue again; 0 after a dry run.</param>
/// <param name="Counts">What was chosen, by queue, message and reason; the most first.</param>
/// <param name="First">The first of them.</param>
/// <param name="OutOfReach">
/// Images that the filter would choose and that cannot be asked for from here: their sources must send them again.
/// </param>
internal sealed record ReplaySummary(
    long LookedAt, long Chosen, long PutBack, IReadOnlyList<ReplayCount> Counts, IReadOnlyList<FailedMessage> First,
    long OutOfReach = 0);
