namespace CpfPipeline.Hosting.Bus;

/// <summary>How much waits in the queues of <see cref="Topology"/>.</summary>
public interface IQueueLengths
{
    /// <summary>Messages ready (not those being worked on) by queue; queues where something failed are listed when they hold any.</summary>
    Task<IReadOnlyDictionary<string, uint>> ReadQueueLengthsAsync(CancellationToken cancellationToken);
}
