using CpfPipeline.Contracts;
using CpfPipeline.Embedder.Renditions;
using MassTransit;

namespace CpfPipeline.Embedder.Consumers;

/// <summary>Pictures that somebody waits to see, in batches, so that one that several ask for is made once.</summary>
internal sealed class MakeRenditionsConsumer(RenditionMaker maker) : IConsumer<Batch<MakeRenditions>>
{
    public Task Consume(ConsumeContext<Batch<MakeRenditions>> context) =>
        maker.MakeAsync(
            [.. context.Message.SelectMany(m => m.Message.ContentIds.Select(id => new WantedRendition(id, m.Message.Rendition)))],
            context.CancellationToken);
}
