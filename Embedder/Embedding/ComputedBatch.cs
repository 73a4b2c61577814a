namespace CpfPipeline.Embedder.Embedding;

/// <summary>What the networks made of a plan.</summary>
/// <param name="Features">By backbone.</param>
/// <param name="Embeddings">By head.</param>
/// <param name="Rejections">At most one per content.</param>
/// <param name="Failures">What broke, by content.</param>
/// <param name="Attempted">Contents that had to be decoded.</param>
/// <param name="Blank">Of these, pictures of one colour.</param>
internal sealed record ComputedBatch(
    IReadOnlyList<FeatureRows> Features, IReadOnlyList<EmbeddingRows> Embeddings, IReadOnlyList<ContentRejection> Rejections,
    IReadOnlyDictionary<long, Exception> Failures, int Attempted, IReadOnlyCollection<long> Blank);
