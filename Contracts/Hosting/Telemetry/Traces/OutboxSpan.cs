using System.Diagnostics;

namespace CpfPipeline.Hosting.Telemetry.Traces;

/// <summary>The publishing of a row of the outbox, in the trace that it was written in: whoever publishes it, and however late.</summary>
internal static class OutboxSpan
{
    /// <summary>Starts it; null when the row has no trace, or nobody listens.</summary>
    /// <param name="type">Name of the message record.</param>
    /// <param name="traces">The row's traces.</param>
    public static Activity? Start(string type, IReadOnlyList<ActivityContext> traces) =>
        traces.Count == 0 ? null : CpfTelemetry.Source.StartActivity($"publish {type}", ActivityKind.Producer, traces[0]);
}
