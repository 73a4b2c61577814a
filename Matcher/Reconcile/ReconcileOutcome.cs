namespace CpfPipeline.Matcher.Reconcile;

/// <summary>What a reconcile did.</summary>
/// <param name="Contents">Contents joined exactly: those since the last reconcile.</param>
/// <param name="Gallery">Members they were joined against.</param>
/// <param name="Pairs">Pairs at or above the threshold, each counted once.</param>
/// <param name="MissedPairs">Of these, the pairs whose ends the online search had left in different components. They are repaired
/// now.</param>
/// <param name="Recall">1 - missed / pairs; 1 without a pair.</param>
/// <param name="Pending">Contents that still wait for a large component to be regrouped in the background.</param>
internal sealed record ReconcileOutcome(long Contents, long Gallery, long Pairs, long MissedPairs, double Recall, long Pending);
