namespace CpfPipeline.Embedder.Embedding;

/// <summary>Embeddings to store.</summary>
/// <param name="HeadId">The head that computed them.</param>
/// <param name="BackboneId">The backbone whose features it read.</param>
/// <param name="ContentIds">Whose they are.</param>
/// <param name="Embeddings">One per content, <c>heads.embedding_dim</c> halves long.</param>
internal sealed record EmbeddingRows(
    long HeadId, long BackboneId, IReadOnlyList<long> ContentIds, IReadOnlyList<ReadOnlyMemory<Half>> Embeddings);
