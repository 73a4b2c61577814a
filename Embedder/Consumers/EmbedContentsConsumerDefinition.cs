using CpfPipeline.Embedder.Embedding;
using CpfPipeline.Hosting.Bus;
using MassTransit;

namespace CpfPipeline.Embedder.Consumers;

/// <summary>A message holds up to 1,000 contents, so two at a time keep the cores busy; the workers take new images first (<see cref="JobQueue{T}"/>).</summary>
internal sealed class EmbedContentsConsumerDefinition : ConsumerDefinition<EmbedContentsConsumer>
{
    public EmbedContentsConsumerDefinition()
    {
        EndpointName = Topology.EmbedContentsQueue;
        ConcurrentMessageLimit = 2;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<EmbedContentsConsumer> consumerConfigurator,
        IRegistrationContext context) => endpointConfigurator.UsePolicy(prefetch: 3);
}
