namespace CpfPipeline.Embedder.Embedding;

/// <summary>What the networks made of a plan.</summary>
internal sealed record ComputedBatch(
    IReadOnlyList<FeatureRows> Features, IReadOnlyList<EmbeddingRows> Embeddings, IReadOnlyList<ContentRejection> Rejections,
    IReadOnlyDictionary<long, Exception> Failures, int Attempted);
