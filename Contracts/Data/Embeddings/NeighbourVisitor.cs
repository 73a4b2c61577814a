namespace CpfPipeline.Data.Embeddings;

/// <summary>Receives one result of an index search.</summary>
/// <param name="contentId">The content searched for.</param>
/// <param name="neighbourId">A content found; may be the same.</param>
/// <param name="embedding">Embedding of the one found, <c>[D] half</c>, valid during the call only.</param>
public delegate void NeighbourVisitor(long contentId, long neighbourId, ReadOnlySpan<Half> embedding);
