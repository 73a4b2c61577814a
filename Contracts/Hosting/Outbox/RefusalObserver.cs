using MassTransit;

namespace CpfPipeline.Hosting.Outbox;

/// <summary>Tells the signal of a message of each try of the transport that failed. Commands are sent, events are published.</summary>
internal sealed class RefusalObserver : ISendObserver, IPublishObserver
{
    public Task PreSend<T>(SendContext<T> context)
        where T : class => Task.CompletedTask;

    public Task PostSend<T>(SendContext<T> context)
        where T : class => Task.CompletedTask;

    public Task SendFault<T>(SendContext<T> context, Exception exception)
        where T : class => TellAsync(context, exception);

    public Task PrePublish<T>(PublishContext<T> context)
        where T : class => Task.CompletedTask;

    public Task PostPublish<T>(PublishContext<T> context)
        where T : class => Task.CompletedTask;

    public Task PublishFault<T>(PublishContext<T> context, Exception exception)
        where T : class => TellAsync(context, exception);

    private static Task TellAsync(PipeContext context, Exception exception) =>
        context.TryGetPayload<RefusalSignal>(out var signal) ? signal.FailedAsync(exception) : Task.CompletedTask;
}
