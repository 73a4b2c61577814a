namespace CpfPipeline.Cli.Reconciling;

/// <summary>What the Matcher answered to <c>POST /reconcile</c>.</summary>
/// <param name="Contents">Contents that were joined exactly against all.</param>
/// <param name="Gallery">Contents they were joined against.</param>
/// <param name="Pairs">Matching pairs that the join found.</param>
/// <param name="MissedPairs">Those that the online search had missed, now repaired.</param>
/// <param name="Recall">Share of the matching pairs that the online search had found, in [0, 1].</param>
internal sealed record ReconcileAnswer(long Contents, long Gallery, long Pairs, long MissedPairs, double Recall);
