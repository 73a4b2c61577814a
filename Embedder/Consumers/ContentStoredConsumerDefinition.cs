using CpfPipeline.Contracts;
using CpfPipeline.Hosting.Bus;
using MassTransit;

namespace CpfPipeline.Embedder.Consumers;

/// <summary>
/// Two batches at a time: one commits while the other computes. A crash of the process (a native one included) redelivers what was
/// not acknowledged; the queue's delivery limit, set by policy on the broker, keeps that from being repeated for ever and then makes it a
/// dead letter (see <see cref="Topology.DeadLetterQueue"/>).
/// </summary>
internal sealed class ContentStoredConsumerDefinition : ConsumerDefinition<ContentStoredConsumer>
{
    private const int MessageLimit = 128;
    private const int BatchesAtOnce = 2;

    public ContentStoredConsumerDefinition() => EndpointName = Topology.ContentStoredQueue;

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<ContentStoredConsumer> consumerConfigurator,
        IRegistrationContext context)
    {
        // Half as much again as the batches in work: the next batch is here when one ends.
        endpointConfigurator.UsePolicy(MessageLimit * (BatchesAtOnce + 1));
        consumerConfigurator.Options<BatchOptions>(options => options
            .SetMessageLimit(MessageLimit)
            .SetTimeLimit(TimeSpan.FromMilliseconds(100))
            .SetConcurrencyLimit(BatchesAtOnce)
            .AloneWhenRedelivered<ContentStored>());
    }
}
