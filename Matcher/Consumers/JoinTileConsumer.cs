using CpfPipeline.Contracts;
using CpfPipeline.Matcher.Tiles;
using MassTransit;

namespace CpfPipeline.Matcher.Consumers;

/// <summary>Computes a tile of a join.</summary>
internal sealed class JoinTileConsumer(TileWorker worker) : IConsumer<JoinTile>
{
    public Task Consume(ConsumeContext<JoinTile> context) => worker.RunAsync(context.Message, context.CancellationToken);
}
