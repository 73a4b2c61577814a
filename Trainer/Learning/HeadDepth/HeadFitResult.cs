using CpfPipeline.Learning.Losses;

namespace CpfPipeline.Learning.HeadDepth;

/// <summary>What <see cref="HeadFit"/> gave.</summary>
/// <param name="Best">The candidate with the best <see cref="FittedHead.ValidationF1"/>: what is exported.</param>
/// <param name="Candidates">All that were compared, that one among them.</param>
/// <param name="Folds">Folds of the set.</param>
/// <param name="Steps">Steps of the last training; 0 when training did not improve on its start.</param>
/// <param name="History">Of the first fold.</param>
public sealed record HeadFitResult(FittedHead Best, IReadOnlyList<FittedHead> Candidates, int Folds, int Steps, IReadOnlyList<LossPoint> History);
