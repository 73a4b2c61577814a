using MassTransit;

namespace CpfPipeline.Hosting.Outbox;

/// <summary>Tells the signal of a message of each try of the transport that failed.</summary>
internal sealed class RefusalObserver : ISendObserver
{
    public Task PreSend<T>(SendContext<T> context)
        where T : class => Task.CompletedTask;

    public Task PostSend<T>(SendContext<T> context)
        where T : class => Task.CompletedTask;

    public Task SendFault<T>(SendContext<T> context, Exception exception)
        where T : class =>
        context.TryGetPayload<RefusalSignal>(out var signal) ? signal.FailedAsync(exception) : Task.CompletedTask;
}
