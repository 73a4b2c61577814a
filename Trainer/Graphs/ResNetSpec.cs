namespace CpfPipeline.Trainer.Graphs;

/// <summary>The shape of a ResNet of basic blocks.</summary>
/// <remarks>
/// The default has 2.8 million weights (11.2 MB) and a feature of 256: at 64 pixels it sees a quarter of the side in its last stage, and
/// two cores train it in minutes an epoch of ten thousand pictures.
/// </remarks>
internal sealed record ResNetSpec
{
    /// <summary>Pixels a side.</summary>
    public int Side { get; init; } = 64;

    /// <summary>Channels of the first convolution.</summary>
    public int StemWidth { get; init; } = 32;

    /// <summary>1 or 2: how far its kernel of 3 x 3 steps.</summary>
    public int StemStride { get; init; } = 2;

    /// <summary>Channels of each stage; every stage after the first halves height and width. The last is the feature's dimension.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [32, 64, 128, 256];

    /// <summary>Basic blocks of each stage.</summary>
    public IReadOnlyList<int> Blocks { get; init; } = [2, 2, 2, 2];
}
