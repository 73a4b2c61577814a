using CpfPipeline.Hosting.Bus;
using MassTransit;

namespace CpfPipeline.Trainer.Consumers;

/// <summary>One at a time: they are rare. Plain JSON without an envelope is taken too.</summary>
internal sealed class TrainModelConsumerDefinition : ConsumerDefinition<TrainModelConsumer>
{
    public TrainModelConsumerDefinition()
    {
        EndpointName = Topology.TrainModelQueue;
        ConcurrentMessageLimit = 1;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<TrainModelConsumer> consumerConfigurator, IRegistrationContext context)
    {
        endpointConfigurator.UsePolicy(1);
        endpointConfigurator.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType, isDefault: true);
    }
}
