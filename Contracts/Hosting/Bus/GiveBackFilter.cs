using CpfPipeline.Data.Outages;
using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace CpfPipeline.Hosting.Bus;

/// <summary>
/// Keeps messages out of the error queue that nothing says of yet that they fail by themselves. One that met a server that is away goes to
/// the end of its queue as a fresh message: the broker does not count that as a delivery, however long the outage is. One that failed
/// together with others, and one of a queue that must stay in order, goes back to where it was.
/// </summary>
/// <param name="inOrder">Whether the queue's messages must stay in order.</param>
internal sealed class GiveBackFilter(bool inOrder) : IFilter<ExceptionReceiveContext>
{
    /// <summary>Header that says which outage a message met last.</summary>
    public const string OutageHeader = "cpf-outage";

    private const int MaxTextLength = 300;

    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        var isOutage = Outage.IsCertain(context.Exception);
        if (isOutage && !inOrder && context.TryGetPayload(out ChannelContext? channel)
            && context.TryGetPayload(out RabbitMqBasicConsumeContext? delivery))
        {
            await channel.BasicPublishAsync(
                string.Empty, Topology.QueueOf(context.InputAddress), mandatory: true, Fresh(delivery.Properties, context),
                context.GetBody(), awaitAck: true, context.CancellationToken);
            return;
        }

        if (isOutage || context.Exception is BatchFaultedException)
        {
            // The transport answers an exception with a negative acknowledgement.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(context.Exception);
        }

        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateScope("giveBack");

    // The time of its first receipt stays its time of sending when its producer gave none: it must not get newer by waiting.
    private static BasicProperties Fresh(IReadOnlyBasicProperties properties, ExceptionReceiveContext context)
    {
        var fresh = PassedOn.Copy(properties, []);
        if (!fresh.IsTimestampPresent())
        {
            fresh.Timestamp = new AmqpTimestamp((TimeProvider.System.GetUtcNow() - context.ElapsedTime).ToUnixTimeSeconds());
        }

        var text = $"{context.Exception.GetType().Name}: {context.Exception.Message}";
        fresh.Headers![OutageHeader] = text.Length > MaxTextLength ? text[..MaxTextLength] : text;
        return fresh;
    }
}
