using CpfPipeline.Hosting.Bus;
using MassTransit;

namespace CpfPipeline.Embedder.Consumers;

/// <summary>
/// Short batches, two at a time: a large picture does not hold up the next page. What fails is dropped, since whoever still wants to see
/// it asks again.
/// </summary>
internal sealed class MakeRenditionsConsumerDefinition : ConsumerDefinition<MakeRenditionsConsumer>
{
    private const int MessageLimit = 16;
    private const int BatchesAtOnce = 2;

    public MakeRenditionsConsumerDefinition() => EndpointName = Topology.MakeRenditionsQueue;

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<MakeRenditionsConsumer> consumerConfigurator,
        IRegistrationContext context)
    {
        endpointConfigurator.UsePolicyOfRequests(MessageLimit * (BatchesAtOnce + 1));
        consumerConfigurator.Options<BatchOptions>(options => options
            .SetMessageLimit(MessageLimit)
            .SetTimeLimit(TimeSpan.FromMilliseconds(10))
            .SetConcurrencyLimit(BatchesAtOnce));
    }
}
