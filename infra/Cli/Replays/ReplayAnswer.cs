namespace CpfPipeline.Cli.Replays;

/// <summary>A line of Ingest's answer: how far it is, the end, or why it broke off.</summary>
internal sealed record ReplayAnswer(ReplayedSoFar? Progress, ReplayOutcome? Summary, string? Problem);

/// <param name="LookedAt">Looked at so far.</param>
/// <param name="Total">How many there are.</param>
/// <param name="PutBack">Put back so far.</param>
/// <param name="Waits">Why it waits; null while it goes on.</param>
internal sealed record ReplayedSoFar(long LookedAt, long Total, long PutBack, string? Waits = null);

/// <param name="LookedAt">How many were looked at.</param>
/// <param name="Chosen">How many of them were meant.</param>
/// <param name="PutBack">How many were put back.</param>
/// <param name="Counts">What was chosen, by reason.</param>
/// <param name="First">The first of them.</param>
/// <param name="OutOfReach">Images that only their sources can send again.</param>
internal sealed record ReplayOutcome(
    long LookedAt, long Chosen, long PutBack, IReadOnlyList<ReplayedKind> Counts, IReadOnlyList<ReplayedMessage> First,
    long OutOfReach = 0);

/// <summary>How many of a kind failed for one reason.</summary>
internal sealed record ReplayedKind(string Queue, string? Target, string Message, string Reason, long Count);

/// <summary>One of them.</summary>
internal sealed record ReplayedMessage(
    string Queue, string? Target, string Message, string Reason, string? Detail, string? Source, DateTimeOffset? FailedAt, long Replays);
