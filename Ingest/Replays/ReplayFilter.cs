using CpfPipeline.Hosting.Bus;

namespace CpfPipeline.Ingest.Replays;

/// <summary>Which failed messages are meant. What is null does not matter.</summary>
/// <param name="Queue">A queue of the pipeline, for what failed there; or the queue that failed messages lie in.</param>
/// <param name="Reason">Part of the reason or of its detail, in any case.</param>
/// <param name="Source">Source of the image.</param>
/// <param name="Since">Failed at this time or later.</param>
/// <param name="Until">Failed before this time.</param>
/// <param name="Limit">At most so many, the oldest of each queue first.</param>
internal sealed record ReplayFilter(
    string? Queue = null, string? Reason = null, string? Source = null, DateTimeOffset? Since = null, DateTimeOffset? Until = null,
    long? Limit = null)
{
    /// <summary>
    /// Whether a message is meant and can go back. Requests that expired are meant only when their reason is named: nobody waits for them
    /// any more. Verdicts are meant only when a queue is named: put back, an older word of a person replaces a later one.
    /// </summary>
    public bool Chooses(FailedMessage message) =>
        message.Target is not null
        && (Queue is null || Queue == message.Queue || Queue == message.Target)
        && (message.Target != Topology.GiveVerdictQueue || Queue is not null)
        && (message.Reason == FailedMessage.Expired
            ? Reason == FailedMessage.Expired : Reason is null || Holds(message.Reason) || Holds(message.Detail))
        && (Source is null || Source == message.Source)
        && (Since is null || message.FailedAt >= Since)
        && (Until is null || message.FailedAt < Until);

    private bool Holds(string? text) => text?.Contains(Reason!, StringComparison.OrdinalIgnoreCase) == true;
}
