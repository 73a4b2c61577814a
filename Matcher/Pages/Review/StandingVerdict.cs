namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>A verdict that stands.</summary>
/// <param name="Word"><c>same</c> or <c>different</c>.</param>
/// <param name="Who">Who said so.</param>
/// <param name="At">When.</param>
public sealed record StandingVerdict(string Word, string Who, DateTimeOffset At);
