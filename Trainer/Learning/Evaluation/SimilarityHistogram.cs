namespace CpfPipeline.Learning.Evaluation;

/// <summary>Pairs counted by similarity.</summary>
/// <param name="Low">Lower edge of the first bin.</param>
/// <param name="Step">Width of a bin.</param>
/// <param name="Positive">Pairs of one class, one count a bin.</param>
/// <param name="Negative">Pairs of two classes, as many bins.</param>
public sealed record SimilarityHistogram(double Low, double Step, IReadOnlyList<long> Positive, IReadOnlyList<long> Negative);
