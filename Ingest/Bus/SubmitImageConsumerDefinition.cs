using CpfPipeline.Hosting;
using MassTransit;

namespace CpfPipeline.Ingest;

internal sealed class SubmitImageConsumerDefinition : ConsumerDefinition<SubmitImageConsumer>
{
    public SubmitImageConsumerDefinition() => EndpointName = Topology.SubmitImageQueue;

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<SubmitImageConsumer> consumerConfigurator,
        IRegistrationContext context) =>
        IncomingEndpoint.Configure(endpointConfigurator, consumerConfigurator, context);
}
