namespace CpfPipeline.Learning.Evaluation;

/// <summary>A model on one split: the figures, and what a report shows of how they come about.</summary>
public sealed record EvaluationResult
{
    public required EvaluationFigures Figures { get; init; }

    public required SimilarityHistogram Histogram { get; init; }

    public required IReadOnlyList<PrecisionRecallPoint> PrecisionRecall { get; init; }

    public required IReadOnlyList<ClassFigures> Classes { get; init; }

    public required OperatingPoints OperatingPoints { get; init; }

    /// <summary>Pairs of two classes at or above the threshold, most similar first.</summary>
    public required IReadOnlyList<ScoredPair> FalseMatches { get; init; }

    /// <summary>Pairs of one class below the threshold, least similar first.</summary>
    public required IReadOnlyList<ScoredPair> Misses { get; init; }

    /// <summary>For comparing two models on the same classes.</summary>
    public required ClassPairCounts Pairs { get; init; }
}
