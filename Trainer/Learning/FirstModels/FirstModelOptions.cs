namespace CpfPipeline.Learning.FirstModels;

/// <summary>How a first model is fitted.</summary>
public sealed record FirstModelOptions
{
    /// <summary>What the threshold has to reach on edited copies. Default 0.95.</summary>
    public double Precision { get; init; } = .95;

    /// <summary>
    /// More pictures than this are thinned out evenly. Default 1,000: minutes of work with a large backbone, not an hour.
    /// </summary>
    public int MaxPictures { get; init; } = 1_000;

    /// <summary>
    /// Fits a head to the pictures, given enough of them; else the head is the feature at unit length. A fitted head tells copies of such
    /// pictures better, and its threshold holds for such pictures only (measured: fitted to drawings it called 3 photographs of 100 right).
    /// Default off.
    /// </summary>
    public bool FitsHead { get; init; }

    /// <summary>Seed of edits and batches. Default 1.</summary>
    public int Seed { get; init; } = 1;
}
