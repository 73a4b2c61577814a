using CpfPipeline.Learning.Evaluation;

namespace CpfPipeline.Learning.Reports.Data;

/// <summary>Figures of something the model is compared with.</summary>
public sealed record NamedFigures(string Name, EvaluationFigures Figures);
