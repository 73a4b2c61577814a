namespace CpfPipeline.Matcher.Pages.Overview;

/// <summary>How exact the groups are.</summary>
/// <param name="ModelId">The active model; null before the first.</param>
/// <param name="Threshold">Its threshold.</param>
/// <param name="Pending">Pictures whose large component waits to be regrouped.</param>
/// <param name="Unreconciled">Pictures not joined exactly with all others yet.</param>
/// <param name="Unmatched">Embedded pictures without a group yet.</param>
/// <param name="Reconcile">The last reconcile, or null.</param>
/// <param name="At">When this was counted.</param>
public sealed record ShownExactness(
    long? ModelId, double Threshold, long Pending, long Unreconciled, long Unmatched, ShownReconcile? Reconcile, DateTimeOffset At)
{
    /// <summary>Whether the groups are exactly what they are by definition.</summary>
    public bool IsExact => Pending + Unreconciled + Unmatched == 0;
}
