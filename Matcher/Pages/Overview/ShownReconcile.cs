namespace CpfPipeline.Matcher.Pages.Overview;

/// <summary>The last exact join of new pictures with all others.</summary>
/// <param name="At">When it was done.</param>
/// <param name="Contents">Pictures joined.</param>
/// <param name="Pairs">Pairs found.</param>
/// <param name="MissedPairs">Pairs that the index had missed.</param>
/// <param name="Recall">Share of the pairs that the index had found.</param>
public sealed record ShownReconcile(DateTimeOffset At, long Contents, long Pairs, long MissedPairs, double Recall);
