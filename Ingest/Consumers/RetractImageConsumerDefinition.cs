using CpfPipeline.Hosting.Bus;
using CpfPipeline.Ingest.Submissions;
using MassTransit;

namespace CpfPipeline.Ingest.Consumers;

internal sealed class RetractImageConsumerDefinition : ConsumerDefinition<RetractImageConsumer>
{
    public RetractImageConsumerDefinition() => EndpointName = Topology.RetractImageQueue;

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<RetractImageConsumer> consumerConfigurator,
        IRegistrationContext context) =>
        IncomingEndpoint.Configure<RetractImageConsumer, Retraction>(endpointConfigurator, consumerConfigurator, context);
}
