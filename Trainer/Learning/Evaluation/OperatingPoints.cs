namespace CpfPipeline.Learning.Evaluation;

/// <summary>Harmonic mean of sensitivity and specificity per class over thresholds.</summary>
/// <param name="Thresholds">Rising, from the 10 % to the 1 % false-acceptance quantile.</param>
/// <param name="Utilities">One row a class (at most 200 classes, evenly chosen), a value a threshold.</param>
/// <param name="Labels">The classes of the rows.</param>
/// <param name="Mean">Over all classes, a value a threshold.</param>
public sealed record OperatingPoints(
    IReadOnlyList<double> Thresholds, IReadOnlyList<IReadOnlyList<double>> Utilities, IReadOnlyList<string> Labels, IReadOnlyList<double> Mean);
