using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Learning.Training;

/// <summary>A candidate head on the reported split.</summary>
/// <param name="Fitted">The head and its threshold.</param>
/// <param name="File">Its file.</param>
/// <param name="Embedded">The split under it.</param>
/// <param name="Result">What it does there.</param>
public sealed record MeasuredCandidate(FittedHead Fitted, HeadFile File, EmbeddedSplit Embedded, EvaluationResult Result);
