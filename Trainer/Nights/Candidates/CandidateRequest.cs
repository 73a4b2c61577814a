using CpfPipeline.Data.Models;

namespace CpfPipeline.Nights.Candidates;

/// <summary>What a night asks for.</summary>
public sealed record CandidateRequest
{
    /// <summary>A new head on the active backbone.</summary>
    public const string Training = "training";

    /// <summary>Another threshold on the active head.</summary>
    public const string Threshold = "threshold";

    /// <summary>The model that serves, and that the candidate is compared with.</summary>
    public required ServingModel Active { get; init; }

    /// <summary><see cref="Training"/> or <see cref="Threshold"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Null: the threshold with the largest F1; else the lowest one whose precision reaches this with confidence.</summary>
    public double? TargetPrecision { get; init; }

    /// <summary>Same seed, same data, same machine: same head.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Values of an embedding; null: as the settings of head training say.</summary>
    public int? EmbeddingDim { get; init; }

    /// <summary>Passes over the contents at most; null: as the settings of head training say.</summary>
    public int? Epochs { get; init; }

    /// <summary>
    /// Where the training set and the training are kept and resumed from; of this run alone, made when missing. Whoever runs it deletes it once the run has ended.
    /// </summary>
    public required string WorkFolder { get; init; }

    /// <summary>How much worse than the active model a candidate may be: F1, or precision where one is asked for. Default 0.01.</summary>
    public double Margin { get; init; } = .01;
}
