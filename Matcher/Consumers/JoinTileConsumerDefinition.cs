using CpfPipeline.Hosting.Bus;
using MassTransit;

namespace CpfPipeline.Matcher.Consumers;

/// <summary>
/// Two at a time: one is computed while the other is written. No more, so that tiles stay in the queue for whoever is free.
/// </summary>
internal sealed class JoinTileConsumerDefinition : ConsumerDefinition<JoinTileConsumer>
{
    private const int Tiles = 2;

    public JoinTileConsumerDefinition()
    {
        EndpointName = Topology.JoinTileQueue;
        ConcurrentMessageLimit = Tiles;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<JoinTileConsumer> consumerConfigurator,
        IRegistrationContext context) =>
        endpointConfigurator.UsePolicy(Tiles);
}
