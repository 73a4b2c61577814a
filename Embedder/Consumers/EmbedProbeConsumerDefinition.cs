using CpfPipeline.Hosting.Bus;
using MassTransit;

namespace CpfPipeline.Embedder.Consumers;

/// <summary>Few at once, since each holds a picture in memory.</summary>
internal sealed class EmbedProbeConsumerDefinition : ConsumerDefinition<EmbedProbeConsumer>
{
    private const int AtOnce = 4;

    public EmbedProbeConsumerDefinition() => EndpointName = Topology.EmbedProbeQueue;

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<EmbedProbeConsumer> consumerConfigurator,
        IRegistrationContext context) => endpointConfigurator.UsePolicyOfRequests(AtOnce);
}
