namespace CpfPipeline.Matcher.Pages.Overview;

/// <summary>What waits somewhere, and since when.</summary>
/// <param name="Count">How many; at the limit: at least so many.</param>
/// <param name="IsLimit">Whether there may be more.</param>
/// <param name="Oldest">Since when the oldest of those counted waits; null when nothing does.</param>
public sealed record WaitingWork(long Count, bool IsLimit, DateTimeOffset? Oldest);
