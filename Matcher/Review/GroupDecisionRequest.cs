using CpfPipeline.Data.Access;

namespace CpfPipeline.Matcher.Review;

/// <summary>A reviewer's decision on some pictures of a group of the active model.</summary>
/// <param name="RequestId">Id of the form: the same one posted again changes nothing.</param>
/// <param name="GroupId">The group.</param>
/// <param name="Word">See <see cref="GroupDecision"/>.</param>
/// <param name="Chosen">The chosen pictures.</param>
/// <param name="PlanHash"><see cref="GroupPlan.HashOf"/> of the verdicts that the reviewer saw: others are not given.</param>
/// <param name="Who">The reviewer.</param>
internal sealed record GroupDecisionRequest(
    Guid RequestId, long GroupId, string? Word, IReadOnlyCollection<long> Chosen, string PlanHash, string Who)
{
    /// <summary>Who sent the form, for the audit.</summary>
    public Actor? By { get; init; }
}
