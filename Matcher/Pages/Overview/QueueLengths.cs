namespace CpfPipeline.Matcher.Pages.Overview;

/// <summary>How many messages wait.</summary>
/// <param name="ByQueue">Messages by queue; null when the broker did not say.</param>
/// <param name="Problem">Why it did not.</param>
public sealed record QueueLengths(IReadOnlyDictionary<string, uint>? ByQueue, string? Problem);
