namespace CpfPipeline.Learning.Evaluation;

/// <summary>How far an evaluation is.</summary>
/// <param name="Step">What it is doing, for a person.</param>
/// <param name="Share">Of this step, 0 to 1.</param>
public readonly record struct EvaluationProgress(string Step, double Share);
