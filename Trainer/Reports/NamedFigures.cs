using CpfPipeline.Trainer.Evaluation;

namespace CpfPipeline.Trainer.Reports;

/// <summary>Figures of something the model is compared with.</summary>
public sealed record NamedFigures(string Name, EvaluationFigures Figures);
