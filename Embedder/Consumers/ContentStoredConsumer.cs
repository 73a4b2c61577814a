using CpfPipeline.Contracts;
using CpfPipeline.Embedder.Embedding;
using CpfPipeline.Hosting.Bus;
using MassTransit;

namespace CpfPipeline.Embedder.Consumers;

/// <summary>New contents, in batches.</summary>
internal sealed class ContentStoredConsumer(ContentEmbedder embedder) : IConsumer<Batch<ContentStored>>
{
    public Task Consume(ConsumeContext<Batch<ContentStored>> context) =>
        context.TogetherAsync(() => embedder.EmbedAsync(
            [.. context.Message.Select(message => message.Message.ContentId)], Urgency.Arrival, context.CancellationToken));
}
