namespace CpfPipeline.Embedder.Embedding;

/// <summary>Features to store.</summary>
/// <param name="BackboneId">The backbone that computed them.</param>
/// <param name="ContentIds">Whose they are.</param>
/// <param name="Features">One per content, <c>backbones.feature_dim</c> halves long.</param>
internal sealed record FeatureRows(long BackboneId, IReadOnlyList<long> ContentIds, IReadOnlyList<ReadOnlyMemory<Half>> Features);
