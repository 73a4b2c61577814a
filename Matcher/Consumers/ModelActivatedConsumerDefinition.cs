using CpfPipeline.Hosting.Bus;
using MassTransit;

namespace CpfPipeline.Matcher.Consumers;

/// <summary>One of the Matchers groups everything.</summary>
internal sealed class ModelActivatedConsumerDefinition : ConsumerDefinition<ModelActivatedConsumer>
{
    public ModelActivatedConsumerDefinition()
    {
        EndpointName = Topology.MatcherModelActivatedQueue;
        ConcurrentMessageLimit = 1;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<ModelActivatedConsumer> consumerConfigurator,
        IRegistrationContext context) =>
        endpointConfigurator.UsePolicy(1);
}
