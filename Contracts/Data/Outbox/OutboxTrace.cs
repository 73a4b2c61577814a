using System.Diagnostics;

namespace CpfPipeline.Data.Outbox;

/// <summary>
/// The traces that a message belongs to, as W3C traceparents with a space between them. The first is of the span that wrote it. A batch
/// serves several traces: those are the others, and they come from the links of that span and of the spans around it.
/// </summary>
public static class OutboxTrace
{
    /// <summary>Further traces than these are left out, so that messages stay small when a batch served many.</summary>
    public const int MaxTraces = 32;

    private static readonly ActivitySource Source = new("CpfPipeline");

    /// <summary>The traces of the running work. Null when nobody listens.</summary>
    public static string? Current() =>
        Source.HasListeners() && Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? Of(current) : null;

    /// <summary>Reads what <see cref="Current"/> wrote; what cannot be read is left out.</summary>
    public static IReadOnlyList<ActivityContext> Parse(string? trace)
    {
        var contexts = new List<ActivityContext>();
        foreach (var text in (trace ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(MaxTraces))
        {
            if (ActivityContext.TryParse(text, null, isRemote: true, out var context))
            {
                contexts.Add(context);
            }
        }

        return contexts;
    }

    /// <summary>As <see cref="Current"/>, of given traces.</summary>
    public static string Format(IEnumerable<ActivityContext> contexts) => string.Join(' ', contexts.Select(Format));

    private static string Of(Activity activity)
    {
        var contexts = new List<ActivityContext> { activity.Context };
        var traces = new HashSet<ActivityTraceId> { activity.TraceId };
        for (var span = activity; span is not null; span = span.Parent)
        {
            contexts.AddRange(span.Links.Select(link => link.Context)
                .Where(c => c.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) && traces.Add(c.TraceId)));
        }

        return Format(contexts.Take(MaxTraces));
    }

    private static string Format(ActivityContext context) =>
        $"00-{context.TraceId}-{context.SpanId}-{(context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00")}";
}
