using System.Diagnostics;
using CpfPipeline.Data.Outbox;
using MassTransit;

namespace CpfPipeline.Hosting.Telemetry.Traces;

/// <summary>
/// The work on a batch of messages as spans: one in each trace that its messages belong to, so that each trace goes on. What happens inside
/// belongs to the first of them; its links lead to the others, and so do those of the messages that are written meanwhile.
/// </summary>
internal static class BatchSpans
{
    /// <summary>Does the work.</summary>
    /// <param name="queue">Where the messages came from.</param>
    /// <param name="messages">Their headers.</param>
    /// <param name="work">The work.</param>
    public static async Task RunAsync(string queue, IReadOnlyCollection<Headers> messages, Func<Task> work)
    {
        var spans = Start(queue, messages);
        try
        {
            await work();
        }
        catch (Exception e)
        {
            spans.ForEach(span => span.SetStatus(ActivityStatusCode.Error, e.GetType().Name));
            throw;
        }
        finally
        {
            spans.ForEach(span => span.Dispose());
        }
    }

    private static List<Activity> Start(string queue, IReadOnlyCollection<Headers> messages)
    {
        if (!CpfTelemetry.Source.HasListeners())
        {
            return [];
        }

        var traces = messages.SelectMany(TraceHeaders.Read).DistinctBy(c => c.TraceId)
            .OrderByDescending(c => c.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)).Take(OutboxTrace.MaxTraces).ToList();
        var others = traces.Skip(1).ToList();
        var tags = new ActivityTagsCollection
        {
            ["messaging.system"] = "rabbitmq", ["messaging.destination.name"] = queue, ["messaging.batch.message_count"] = messages.Count,
        };

        // The first is started last: what is started last is what runs.
        List<Activity?> spans = [.. others.Select(other => Start(other, []))];
        if (traces.Count > 0)
        {
            spans.Add(Start(traces[0], [.. others.Select(other => new ActivityLink(other))]));
        }

        return [.. spans.OfType<Activity>()];

        Activity? Start(ActivityContext parent, ActivityLink[] links) =>
            CpfTelemetry.Source.StartActivity($"process {queue}", ActivityKind.Consumer, parent, tags, links);
    }
}
