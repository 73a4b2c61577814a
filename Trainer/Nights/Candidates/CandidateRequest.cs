using CpfPipeline.Data.Models;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Nights.Candidates;

/// <summary>What a night asks for.</summary>
public sealed record CandidateRequest
{
    /// <summary>The model that serves, and that the candidate is compared with.</summary>
    public required ServingModel Active { get; init; }

    /// <summary><see cref="TrainingRunKind.Training"/> or <see cref="TrainingRunKind.Threshold"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Null: the threshold with the largest F1; else the lowest one whose precision reaches this with confidence.</summary>
    public double? TargetPrecision { get; init; }

    /// <summary>
    /// The target precision of a night that learns from edited copies, when none is asked for: copies say nothing about what else is one
    /// product, so what is merged must be right. Default 0.95.
    /// </summary>
    public double CopyPrecision { get; init; } = .95;

    /// <summary>Same seed, same data, same machine: same head.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Values of an embedding; null: as the settings of head training say.</summary>
    public int? EmbeddingDim { get; init; }

    /// <summary>The maximum number of passes over the contents; null: 160.</summary>
    public int? Epochs { get; init; }

    /// <summary>
    /// Folder of this run alone, made when missing, that keeps the training set and the state of the training for a resume. The caller
    /// deletes it when the run has ended.
    /// </summary>
    public required string WorkFolder { get; init; }

    /// <summary>How much worse than the active model a candidate may be: F1, or precision where one is asked for. Default 0.01.</summary>
    public double Margin { get; init; } = .01;
}
