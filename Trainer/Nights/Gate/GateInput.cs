using CpfPipeline.Learning.Evaluation;

namespace CpfPipeline.Nights.Gate;

/// <summary>
/// What the gate decides on. Both models are measured on the same contents of the test classes, each at its own threshold.
/// </summary>
internal sealed record GateInput
{
    /// <summary>The candidate.</summary>
    public required EvaluationFigures Candidate { get; init; }

    /// <summary>What it would replace.</summary>
    public required EvaluationFigures Active { get; init; }

    /// <summary>F1 of the candidate less F1 of the active model; its share of draws is counted below minus <see cref="Margin"/>.</summary>
    public required PairedDifference Difference { get; init; }

    /// <summary>F1 of calling every pair one product: what a model that knows nothing reaches.</summary>
    public required double ChanceF1 { get; init; }

    /// <summary>What both make of pictures unlike those that the candidate learned from.</summary>
    public required IReadOnlyList<UnlikePictures> Unlike { get; init; }

    /// <summary>How much worse a candidate may be, F1 or precision.</summary>
    public required double Margin { get; init; }

    /// <summary>The precision that was asked for; null: the largest F1 was.</summary>
    public double? TargetPrecision { get; init; }

    /// <summary>Whether validation showed, with confidence, that the threshold reaches that precision.</summary>
    public bool Reached { get; init; } = true;

    /// <summary>False: only the threshold is new, whose F1 falls when precision is what is wanted.</summary>
    public required bool HeadIsNew { get; init; }
}
