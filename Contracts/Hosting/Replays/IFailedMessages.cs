namespace CpfPipeline.Hosting.Replays;

/// <summary>The messages that the pipeline could not handle, as they lie in the broker's queues.</summary>
public interface IFailedMessages
{
    /// <summary>
    /// Puts the chosen ones back into the queues that they came from, in their order. The others stay where they are, in their order.
    /// Nothing is lost when this process dies meanwhile, but a message may be in both queues then. Consumers tolerate that.
    /// </summary>
    /// <param name="filter">Which.</param>
    /// <param name="isDryRun">Only looks.</param>
    /// <param name="report">Is told every few hundred messages.</param>
    /// <param name="cancellationToken">Ends it after what is in hand; the rest stays.</param>
    Task<ReplaySummary> ReplayAsync(
        ReplayFilter filter, bool isDryRun, Func<ReplayProgress, Task> report, CancellationToken cancellationToken);
}
