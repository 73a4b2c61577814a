using CpfPipeline.Learning.Heads;
using CpfPipeline.Learning.Losses;

namespace CpfPipeline.Learning.HeadDepth;

/// <summary>What a run of <see cref="HeadTraining"/> gave.</summary>
/// <param name="Head">At the best validation, or at the end when there was none.</param>
/// <param name="Step">Where that was; 0: no step improved on the start.</param>
/// <param name="ValidationF1">There; null without validation.</param>
/// <param name="History">Loss and validation over the run.</param>
public sealed record HeadTrainingResult(LinearHead Head, int Step, double? ValidationF1, IReadOnlyList<LossPoint> History);
