namespace CpfPipeline.Embedder.Embedding;

/// <summary>What one transaction stores and announces.</summary>
/// <param name="HeadIds">The heads that served when it was computed; it is stored only if exactly these still do.</param>
/// <param name="Features">New features.</param>
/// <param name="Embeddings">New embeddings.</param>
/// <param name="EmbeddedBefore">By head: contents of the batch whose embedding was there already.</param>
internal sealed record EmbeddingBatch(
    IReadOnlyCollection<long> HeadIds, IReadOnlyList<FeatureRows> Features, IReadOnlyList<EmbeddingRows> Embeddings,
    IReadOnlyDictionary<long, IReadOnlyList<long>> EmbeddedBefore)
{
    /// <summary>Contents whose picture is of one colour.</summary>
    public IReadOnlyCollection<long> Blank { get; init; } = [];
}
