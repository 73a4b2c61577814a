using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Losses;

namespace CpfPipeline.Learning.Reports.Data;

/// <summary>Everything the HTML page of a model shows. Lists may be empty; their part of the page is then left out.</summary>
public sealed record ReportData
{
    public required string Title { get; init; }

    /// <summary>Facts about the model and its making, in the order shown: loss, seed, data hash, commit, device, ...</summary>
    public required IReadOnlyList<ReportFact> Facts { get; init; }

    /// <summary>The model on its evaluated split.</summary>
    public required EvaluationFigures Figures { get; init; }

    /// <summary>Rivals on the same split, by name (frozen features, PCA head), best first.</summary>
    public IReadOnlyList<NamedFigures> Baselines { get; init; } = [];

    public required SimilarityHistogram Histogram { get; init; }

    /// <summary>By falling threshold, at most some 500 points.</summary>
    public required IReadOnlyList<PrecisionRecallPoint> PrecisionRecall { get; init; }

    /// <summary>One per class.</summary>
    public required IReadOnlyList<ClassFigures> Classes { get; init; }

    /// <summary>Per-class utility over thresholds, what <see cref="EvaluationFigures.Opis"/> measures the spread of.</summary>
    public required OperatingPoints OperatingPoints { get; init; }

    /// <summary>Training progress; empty for a model that was not trained.</summary>
    public IReadOnlyList<LossPoint> Training { get; init; } = [];

    /// <summary>Pairs of two classes at or above the threshold, most similar first.</summary>
    public IReadOnlyList<PicturePair> FalseMatches { get; init; } = [];

    /// <summary>Pairs of one class below the threshold, least similar first.</summary>
    public IReadOnlyList<PicturePair> Misses { get; init; } = [];

    /// <summary>As <see cref="FalseMatches"/>, for pictures of a catalogue, which the page only refers to.</summary>
    public IReadOnlyList<ContentPair> FalseMatchIds { get; init; } = [];

    /// <summary>As <see cref="Misses"/>, for pictures of a catalogue, which the page only refers to.</summary>
    public IReadOnlyList<ContentPair> MissIds { get; init; } = [];

    /// <summary>Of a candidate: whether it may replace the active model.</summary>
    public GateVerdict? Gate { get; init; }
}
