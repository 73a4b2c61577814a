using CpfPipeline.Contracts;
using CpfPipeline.Hosting.Bus;
using MassTransit;

namespace CpfPipeline.Matcher.Consumers;

/// <summary>In batches, because a retracted feed touches the same components again and again.</summary>
internal sealed class ContentReleasedConsumerDefinition : ConsumerDefinition<ContentReleasedConsumer>
{
    private const int Messages = 64;

    public ContentReleasedConsumerDefinition() => EndpointName = Topology.ContentReleasedQueue;

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<ContentReleasedConsumer> consumerConfigurator,
        IRegistrationContext context)
    {
        endpointConfigurator.UsePolicy(Messages);
        consumerConfigurator.Options<BatchOptions>(options => options
            .SetMessageLimit(Messages)
            .SetTimeLimit(TimeSpan.FromMilliseconds(100))
            .SetConcurrencyLimit(1)
            .AloneWhenRedelivered<ContentReleased>());
    }
}
