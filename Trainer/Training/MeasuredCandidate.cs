using CpfPipeline.Trainer.Evaluation;
using CpfPipeline.Trainer.Features;
using CpfPipeline.Vision;

namespace CpfPipeline.Trainer.Training;

/// <summary>A candidate head on the reported split.</summary>
/// <param name="Fitted">The head and its threshold.</param>
/// <param name="File">Its file.</param>
/// <param name="Embedded">The split under it.</param>
/// <param name="Result">What it does there.</param>
internal sealed record MeasuredCandidate(FittedHead Fitted, HeadFile File, EmbeddedSplit Embedded, EvaluationResult Result);
