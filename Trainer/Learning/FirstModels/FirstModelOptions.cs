using CpfPipeline.Vision.Copies;

namespace CpfPipeline.Learning.FirstModels;

/// <summary>How a first model is fitted.</summary>
public sealed record FirstModelOptions
{
    /// <summary>What the threshold has to reach on edited copies. Default 0.95.</summary>
    public double Precision { get; init; } = .95;

    /// <summary>
    /// More pictures of a set than this are thinned out evenly. Default 1,000: minutes of work with a large backbone, not an hour.
    /// </summary>
    public int MaxPictures { get; init; } = 1_000;

    /// <summary>Edited copies of each picture. Default 3.</summary>
    public int CopiesEach { get; init; } = 3;

    /// <summary>The edits that copies are made by. Default all.</summary>
    public IReadOnlyList<CopyEdit> Edits { get; init; } = EditedCopies.All;

    /// <summary>
    /// Fits a head to the pictures, given enough of them; else the head is the feature at unit length. A fitted head tells copies better,
    /// those of other kinds of pictures too; the threshold holds for such pictures as it was measured on. Default off: it takes the copies
    /// of all pictures instead of a fifth of them.
    /// </summary>
    public bool FitsHead { get; init; }

    /// <summary>Values of a fitted head's embedding, at most; null: 256.</summary>
    public int? EmbeddingDim { get; init; }

    /// <summary>Seed of the edits. Default 1.</summary>
    public int Seed { get; init; } = 1;
}
