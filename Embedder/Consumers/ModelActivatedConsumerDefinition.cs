using CpfPipeline.Embedder.Serving;
using MassTransit;

namespace CpfPipeline.Embedder.Consumers;

/// <summary>
/// Every process must hear of it, so each has a queue of its own that goes with it. Missing one is harmless: writes are checked
/// against the database, and <see cref="ModelWatch"/> looks now and then.
/// </summary>
internal sealed class ModelActivatedConsumerDefinition : ConsumerDefinition<ModelActivatedConsumer>
{
    public ModelActivatedConsumerDefinition() => Endpoint(endpoint =>
    {
        endpoint.Name = $"cpf.embedder-model-activated.{Guid.NewGuid():N}";
        endpoint.Temporary = true;
        endpoint.ConcurrentMessageLimit = 1;
    });

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<ModelActivatedConsumer> consumerConfigurator,
        IRegistrationContext context)
    {
        endpointConfigurator.PublishFaults = false;
        endpointConfigurator.DiscardFaultedMessages();
        endpointConfigurator.UseMessageRetry(retry => retry.Intervals(500, 2_000, 5_000));
    }
}
