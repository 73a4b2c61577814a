using CpfPipeline.Hosting.Bus;

namespace CpfPipeline.Ingest.Replays;

/// <summary>Names of queues that a replay can be asked for.</summary>
internal static class FailedQueues
{
    /// <summary>Queues of the pipeline, and that of dead letters.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Topology.Bindings.Select(b => b.Queue), Topology.DeadLetterQueue];

    /// <summary>Whether it is one of them, or a queue that messages of one of them lie in when they failed.</summary>
    public static bool Knows(string queue) => Names.Any(name =>
        queue == name || queue == name + FailedMessageReader.ErrorSuffix || queue == name + FailedMessageReader.SkippedSuffix);
}
