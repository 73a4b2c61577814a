using CpfPipeline.Contracts;
using MassTransit;

namespace CpfPipeline.Trainer.Consumers;

/// <summary>An order by message: noted, and answered at the run's end by who drives it. Nothing is trained here.</summary>
internal sealed class TrainModelConsumer(BusOrders orders) : IConsumer<TrainModel>
{
    public async Task Consume(ConsumeContext<TrainModel> context)
    {
        if (await orders.TakeAsync(context.Message, context.CancellationToken) is { } answer)
        {
            await context.Publish(answer, context.CancellationToken);
        }
    }
}
