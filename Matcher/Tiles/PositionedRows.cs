using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Matcher.Tiles;

/// <summary>
/// The embeddings of one side of a tile, in any order. Each bears its content's position in place of its id: positions have the order of
/// the ids, so whatever is decided by ids comes out the same.
/// </summary>
/// <param name="First">The smallest position of the side.</param>
/// <param name="Count">Positions of the side. There may be fewer rows, because contents may have been erased.</param>
/// <param name="Rows">The embeddings.</param>
internal sealed record PositionedRows(int First, int Count, EmbeddingMatrix Rows);
