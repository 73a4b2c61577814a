using CpfPipeline.Learning.Torch;

namespace CpfPipeline.Learning.Graphs;

/// <summary>The shape of a ResNet of basic blocks.</summary>
/// <remarks>
/// The default has 2.8 million weights (11.2 MB) and a feature of 256. Adam on batches of 64 took about 146 pictures a core-second at 64
/// pixels (seen on one core of two, with <see cref="TorchMemory"/>). Widths that are multiples of 16 are the fast ones.
/// </remarks>
public sealed record ResNetSpec
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
