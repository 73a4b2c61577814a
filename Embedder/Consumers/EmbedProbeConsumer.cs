using CpfPipeline.Contracts;
using CpfPipeline.Embedder.Probes;
using MassTransit;

namespace CpfPipeline.Embedder.Consumers;

/// <summary>Embeds pictures that somebody compares with the catalogue.</summary>
internal sealed class EmbedProbeConsumer(ProbeEmbedder embedder) : IConsumer<EmbedProbe>
{
    public Task Consume(ConsumeContext<EmbedProbe> context) => embedder.EmbedAsync(context.Message.ProbeId, context.CancellationToken);
}
