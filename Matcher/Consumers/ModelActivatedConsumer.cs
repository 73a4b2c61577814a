using CpfPipeline.Contracts;
using CpfPipeline.Matcher.Reconcile;
using MassTransit;

namespace CpfPipeline.Matcher.Consumers;

/// <summary>Another model is active: groups all live contents under it.</summary>
internal sealed class ModelActivatedConsumer(Repair repair) : IConsumer<ModelActivated>
{
    public Task Consume(ConsumeContext<ModelActivated> context) => repair.RunAsync(expected: true, context.CancellationToken);
}
