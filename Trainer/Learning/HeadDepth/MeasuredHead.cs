using CpfPipeline.Learning.Heads;

namespace CpfPipeline.Learning.HeadDepth;

/// <summary>A head with what it does on a fold's classes.</summary>
/// <param name="Head">The head.</param>
/// <param name="Parts">One a set; null where the fold has no pair of it; none when it was fitted to all.</param>
public sealed record MeasuredHead(LinearHead Head, IReadOnlyList<FoldFigures?> Parts);
