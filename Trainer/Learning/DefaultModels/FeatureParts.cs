namespace CpfPipeline.Learning.DefaultModels;

/// <summary>What a feature is put together from; each grid of a stage, and the colours, are of unit length by themselves.</summary>
/// <param name="Stages">In the order of computation.</param>
/// <param name="ColourGrid">Cells a side over which the picture's colours are averaged; 0: none.</param>
internal sealed record FeatureParts(IReadOnlyList<PooledStage> Stages, int ColourGrid)
{
    /// <summary>F.</summary>
    public int Dimension => Stages.Sum(s => s.Channels * s.Grids.Sum(n => n * n)) + (3 * ColourGrid * ColourGrid);
}
