using CpfPipeline.Contracts;
using CpfPipeline.Embedder.Embedding;
using MassTransit;

namespace CpfPipeline.Embedder.Consumers;

/// <summary>Backfill: contents that lack embeddings of a new model, and contents that failed within a batch, one per message.</summary>
internal sealed class EmbedContentsConsumer(ContentEmbedder embedder) : IConsumer<EmbedContents>
{
    public Task Consume(ConsumeContext<EmbedContents> context) =>
        embedder.EmbedAsync(context.Message.ContentIds, Urgency.Backfill, context.CancellationToken);
}
