using CpfPipeline.Hosting.Bus;
using CpfPipeline.Ingest.Submissions;
using MassTransit;

namespace CpfPipeline.Ingest.Consumers;

internal sealed class SubmitImageConsumerDefinition : ConsumerDefinition<SubmitImageConsumer>
{
    public SubmitImageConsumerDefinition() => EndpointName = Topology.SubmitImageQueue;

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<SubmitImageConsumer> consumerConfigurator,
        IRegistrationContext context) =>
        IncomingEndpoint.Configure<SubmitImageConsumer, Submission>(endpointConfigurator, consumerConfigurator, context);
}
