namespace CpfPipeline.Learning.Evaluation;

/// <summary>What a model does on one split. Pairwise figures are over all unordered pairs of the split; shares are 0..1.</summary>
public sealed record EvaluationFigures
{
    /// <summary>Pictures that count as queries and members, distractors not included.</summary>
    public required int Images { get; init; }

    public required int Classes { get; init; }

    /// <summary>Pictures that are only there to be found wrongly.</summary>
    public required int Distractors { get; init; }

    /// <summary>The model's one threshold, a similarity.</summary>
    public required double Threshold { get; init; }

    /// <summary>Share of queries whose nearest other picture has their class.</summary>
    public required double RecallAt1 { get; init; }

    /// <summary>Mean average precision at R (Musgrave et al., A Metric Learning Reality Check, 2020, section 3.2).</summary>
    public required double MapAtR { get; init; }

    /// <summary>Of pairs at or above the threshold: the share of one class.</summary>
    public required double Precision { get; init; }

    /// <summary>Of pairs of one class: the share at or above the threshold.</summary>
    public required double Recall { get; init; }

    public required double F1 { get; init; }

    /// <summary>The best F1 any threshold would have on this split; its distance from <see cref="F1"/> is the cost of carrying the threshold over.</summary>
    public required double BestF1 { get; init; }

    public required double BestThreshold { get; init; }

    /// <summary>B-cubed F1 of the match groups that the pictures form at the threshold (Bagga and Baldwin, 1998).</summary>
    public required double BcubedF1 { get; init; }

    /// <summary>
    /// Operating-point inconsistency (Zhang et al., Threshold-Consistent Margin Loss, ICLR 2024): variance over classes of the harmonic mean of sensitivity and
    /// specificity, averaged over the thresholds between the 10 % and 1 % false-acceptance quantiles.
    /// </summary>
    public required double Opis { get; init; }

    /// <summary>95 % interval of <see cref="F1"/> by bootstrap over classes: low, high.</summary>
    public required IReadOnlyList<double> F1Interval { get; init; }

    /// <summary>Width of the range of thresholds at which F1 is at least 0.95 of <see cref="BestF1"/>.</summary>
    public required double F1PlateauWidth { get; init; }

    /// <summary>Pairs at or above the threshold per picture.</summary>
    public required double PairsPerImage { get; init; }

    /// <summary>Pictures in the largest connected component at the threshold.</summary>
    public required int LargestComponent { get; init; }
}
