namespace CpfPipeline.Vision.Products;

/// <summary>Copies a row of embeddings <c>[D]</c> to where it is needed.</summary>
/// <param name="row">Number of the row.</param>
/// <param name="to">Its place.</param>
public delegate void RowCopy(int row, Span<Half> to);
