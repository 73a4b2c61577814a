using CpfPipeline.Hosting.Bus;
using MassTransit;

namespace CpfPipeline.Matcher.Consumers;

/// <summary>One at a time, which is fast enough for reviewers.</summary>
internal sealed class VerdictGivenConsumerDefinition : ConsumerDefinition<VerdictGivenConsumer>
{
    public VerdictGivenConsumerDefinition()
    {
        EndpointName = Topology.VerdictGivenQueue;
        ConcurrentMessageLimit = 1;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<VerdictGivenConsumer> consumerConfigurator,
        IRegistrationContext context) =>
        endpointConfigurator.UsePolicy(1);
}
