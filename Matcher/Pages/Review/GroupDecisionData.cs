using CpfPipeline.Matcher.Pages.Pictures;
using CpfPipeline.Matcher.Review;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>What the summary of a decision on a group shows, before it is taken.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="Word">See <see cref="GroupDecision"/>.</param>
/// <param name="Chosen">The chosen pictures.</param>
/// <param name="Verdicts">The verdicts it takes, by content.</param>
/// <param name="Others">Pictures of the rest that these verdicts name.</param>
/// <param name="PlanHash">Tells these verdicts from others that the decision would give later.</param>
/// <param name="HasChanged">Whether the reviewer saw other verdicts before.</param>
/// <param name="Problem">Why it cannot be taken, or null.</param>
/// <param name="Reviewer">The reviewer; null when the name was not asked yet.</param>
public sealed record GroupDecisionData(
    long GroupId, string Word, IReadOnlyList<ShownPicture> Chosen, IReadOnlyList<(long A, long B, string Word)> Verdicts,
    IReadOnlyList<ShownPicture> Others, string PlanHash, bool HasChanged, string? Problem, string? Reviewer);
