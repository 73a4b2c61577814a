using System.Diagnostics;
using CpfPipeline.Data.Outbox;
using MassTransit;

namespace CpfPipeline.Hosting.Telemetry.Traces;

/// <summary>The headers by which a message on the bus belongs to traces.</summary>
internal static class TraceHeaders
{
    /// <summary>MassTransit's: the span that sent the message.</summary>
    public const string Sender = "MT-Activity-Id";

    /// <summary>The same from producers that are not MassTransit (W3C).</summary>
    public const string Parent = "traceparent";

    /// <summary>Further traces, of a message that several had a part in.</summary>
    public const string Others = "cpf-traces";

    /// <summary>The traces of a message, that of its sender first.</summary>
    public static IEnumerable<ActivityContext> Read(Headers headers) =>
        OutboxTrace.Parse(Text(headers, Sender) ?? Text(headers, Parent)).Take(1).Concat(OutboxTrace.Parse(Text(headers, Others)));

    /// <summary>Writes all traces but the first, which MassTransit writes.</summary>
    public static void Write(SendHeaders headers, IReadOnlyList<ActivityContext> traces)
    {
        if (traces.Count > 1)
        {
            headers.Set(Others, OutboxTrace.Format(traces.Skip(1)));
        }
    }

    private static string? Text(Headers headers, string name) => headers.TryGetHeader(name, out var value) ? value as string : null;
}
