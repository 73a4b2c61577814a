namespace CpfPipeline.Hosting.Bus;

/// <summary>The number of messages that wait in the queues of <see cref="Topology"/>.</summary>
public interface IQueueLengths
{
    /// <summary>
    /// Messages ready (not those being worked on) by queue; queues of failed messages are listed only when they hold any.
    /// </summary>
    Task<IReadOnlyDictionary<string, uint>> ReadQueueLengthsAsync(CancellationToken cancellationToken);

    /// <summary>Messages ready in one queue; null when it is not there.</summary>
    Task<uint?> ReadQueueLengthAsync(string queue, CancellationToken cancellationToken);
}
