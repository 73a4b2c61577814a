using CpfPipeline.Contracts;
using CpfPipeline.Hosting.Bus;
using MassTransit;

namespace CpfPipeline.Matcher.Consumers;

/// <summary>
/// In batches, because an exact join of 64 messages costs little more than that of one. Two batches at a time: one searches while the other
/// writes.
/// </summary>
internal sealed class ContentsEmbeddedConsumerDefinition : ConsumerDefinition<ContentsEmbeddedConsumer>
{
    private const int Messages = 64;
    private const int Batches = 2;

    public ContentsEmbeddedConsumerDefinition() => EndpointName = Topology.ContentsEmbeddedQueue;

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<ContentsEmbeddedConsumer> consumerConfigurator,
        IRegistrationContext context)
    {
        endpointConfigurator.UsePolicy(Messages * Batches);
        consumerConfigurator.Options<BatchOptions>(options => options
            .SetMessageLimit(Messages)
            .SetTimeLimit(TimeSpan.FromMilliseconds(100))
            .SetConcurrencyLimit(Batches)
            .AloneWhenRedelivered<ContentsEmbedded>());
    }
}
