using CpfPipeline.Data.Outages;
using CpfPipeline.Hosting.Telemetry.Traces;
using MassTransit;

namespace CpfPipeline.Hosting.Bus;

/// <summary>Keeps one message that cannot be handled from taking its whole batch with it.</summary>
public static class Batches
{
    /// <summary>Messages that come again, because they or their neighbours failed or because a process died, are batches of one.</summary>
    public static BatchOptions AloneWhenRedelivered<T>(this BatchOptions batch)
        where T : class => batch.GroupBy<T, Guid>(context => KeyOf(context.ReceiveContext));

    /// <summary>Does the work of a batch. When it fails, and no broken server is to blame, its messages come again one by one.</summary>
    /// <exception cref="BatchFaultedException">The work on several messages failed.</exception>
    public static async Task TogetherAsync<T>(this ConsumeContext<Batch<T>> context, Func<Task> work)
        where T : class
    {
        try
        {
            await BatchSpans.RunAsync(
                Topology.QueueOf(context.ReceiveContext.InputAddress), [.. context.Message.Select(m => m.ReceiveContext.TransportHeaders)],
                work);
        }
        catch (Exception e) when (context.Message.Length > 1 && e is not OperationCanceledException && !Outage.IsOne(e))
        {
            throw new BatchFaultedException(e);
        }
    }

    /// <summary>The batch of a message. MassTransit asks twice, and forgets the batch by the second answer.</summary>
    internal static Guid KeyOf(ReceiveContext context) =>
        context.Redelivered ? context.GetOrAddPayload(() => new BatchOfOne(Guid.NewGuid())).Key : Guid.Empty;

    internal sealed record BatchOfOne(Guid Key);
}
