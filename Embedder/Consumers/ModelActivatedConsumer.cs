using CpfPipeline.Contracts;
using CpfPipeline.Embedder.Serving;
using MassTransit;

namespace CpfPipeline.Embedder.Consumers;

/// <summary>Another model is active: load it now rather than at the first write it would refuse.</summary>
internal sealed class ModelActivatedConsumer(ServingModels serving) : IConsumer<ModelActivated>
{
    public Task Consume(ConsumeContext<ModelActivated> context) => serving.ReloadAsync(context.CancellationToken);
}
