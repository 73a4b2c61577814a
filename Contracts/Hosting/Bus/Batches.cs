using CpfPipeline.Hosting.Outages;
using MassTransit;

namespace CpfPipeline.Hosting.Bus;

/// <summary>Keeps one message that cannot be handled from taking its whole batch with it.</summary>
public static class Batches
{
    /// <summary>Messages that come again, because they or their neighbours failed or because a process died, are batches of one.</summary>
    public static BatchOptions AloneWhenRedelivered<T>(this BatchOptions batch)
        where T : class =>
        batch.GroupBy<T, Guid>(context => context.ReceiveContext.Redelivered ? Guid.NewGuid() : Guid.Empty);

    /// <summary>Does the work of a batch. When it fails, and no broken server is to blame, its messages come again one by one.</summary>
    /// <exception cref="BatchFaultedException">The work on several messages failed.</exception>
    public static async Task TogetherAsync<T>(this ConsumeContext<Batch<T>> context, Func<Task> work)
        where T : class
    {
        try
        {
            await work();
        }
        catch (Exception e) when (context.Message.Length > 1 && e is not OperationCanceledException && !Outage.IsWithin(e))
        {
            throw new BatchFaultedException(e);
        }
    }
}
