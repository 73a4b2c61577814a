namespace CpfPipeline.Matching.Joins;

/// <summary>What similarities matter to a left row. Asked again after its candidates; both may only rise.</summary>
/// <param name="Min">The smallest similarity of interest.</param>
/// <param name="Keep">The smallest that could still be among what is kept of the row; infinite when nothing is.</param>
/// <param name="Core">Rows whose pairs are of interest only when they may be kept; null for none.</param>
public sealed record RowThresholds(Func<int, double> Min, Func<int, double> Keep, KnownCore? Core = null);
