namespace CpfPipeline.Data.Embeddings;

/// <summary>Receives one stored embedding.</summary>
/// <param name="contentId">The content.</param>
/// <param name="componentId">Its component under the model, 0 when membership was not asked for.</param>
/// <param name="embedding"><c>[D] half</c>, valid during the call only.</param>
public delegate void EmbeddingVisitor(long contentId, long componentId, ReadOnlySpan<Half> embedding);
