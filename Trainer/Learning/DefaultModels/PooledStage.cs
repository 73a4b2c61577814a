namespace CpfPipeline.Learning.DefaultModels;

/// <summary>A stage of a convolutional network and how it is pooled.</summary>
/// <param name="Name">The network's name for its end.</param>
/// <param name="Channels">How many.</param>
/// <param name="Stride">Pixels from one place of it to the next.</param>
/// <param name="Grids">Cells a side: 1 pools all of it, 2 its quarters.</param>
internal sealed record PooledStage(string Name, int Channels, int Stride, IReadOnlyList<int> Grids);
