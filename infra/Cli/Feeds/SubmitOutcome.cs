using CpfPipeline.Cli.Reconciling;

namespace CpfPipeline.Cli.Feeds;

/// <summary>How a run of feeds ended.</summary>
/// <param name="Feeds">In the order in which they were given.</param>
/// <param name="Reconcile">The last reconcile of the run.</param>
/// <param name="Elapsed">From handing in the first until everything was reconciled.</param>
internal sealed record SubmitOutcome(IReadOnlyList<FeedSummary> Feeds, ReconcileAnswer Reconcile, TimeSpan Elapsed);
