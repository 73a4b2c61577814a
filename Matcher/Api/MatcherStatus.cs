using CpfPipeline.Matcher.Stores;

namespace CpfPipeline.Matcher.Api;

/// <summary>How far matching is.</summary>
/// <param name="Pending">Contents whose large component waits to be regrouped. The groups are exact when this and the next two are
/// 0.</param>
/// <param name="Unreconciled">Members not yet joined exactly against all others.</param>
/// <param name="Unmatched">Live embedded contents without a group yet.</param>
/// <param name="ActiveModel">The active model, or null.</param>
/// <param name="LastReconcile">The last reconcile under it, or null.</param>
/// <param name="Shadow">The model that is being prepared to take over, or null.</param>
internal sealed record MatcherStatus(
    long Pending, long Unreconciled, long Unmatched, ActiveModel? ActiveModel, ReconcileRow? LastReconcile, ShadowStatus? Shadow);
