using CpfPipeline.Hosting.Bus;
using MassTransit;

namespace CpfPipeline.Ingest.Consumers;

/// <summary>Few at once, since each holds a picture in memory.</summary>
internal sealed class CheckProbeConsumerDefinition : ConsumerDefinition<CheckProbeConsumer>
{
    private const int AtOnce = 8;

    public CheckProbeConsumerDefinition() => EndpointName = Topology.CheckProbeQueue;

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<CheckProbeConsumer> consumerConfigurator,
        IRegistrationContext context) => endpointConfigurator.UsePolicyOfRequests(AtOnce);
}
