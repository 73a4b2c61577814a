using CpfPipeline.Hosting.Bus;
using MassTransit;

namespace CpfPipeline.Matcher.Consumers;

/// <summary>
/// One at a time over all Matchers, in the order of the queue, because a person's later word replaces the earlier one. Plain JSON without
/// an envelope is accepted, too.
/// </summary>
internal sealed class GiveVerdictConsumerDefinition : ConsumerDefinition<GiveVerdictConsumer>
{
    public GiveVerdictConsumerDefinition()
    {
        EndpointName = Topology.GiveVerdictQueue;
        ConcurrentMessageLimit = 1;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<GiveVerdictConsumer> consumerConfigurator,
        IRegistrationContext context)
    {
        endpointConfigurator.UsePolicy(1, inOrder: true);
        if (endpointConfigurator is IRabbitMqReceiveEndpointConfigurator rabbit)
        {
            rabbit.SingleActiveConsumer = true;
        }

        endpointConfigurator.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType, isDefault: true);
    }
}
