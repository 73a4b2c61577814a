namespace CpfPipeline.Learning.Optimisation;

/// <summary>Where a training stands.</summary>
/// <param name="Stage">What is being done, for a person, such as <c>fold 2 of 5</c>.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Loss">Of the last steps; null before the first.</param>
/// <param name="ValidationF1">Best F1 at one threshold on validation, where it was measured last.</param>
public readonly record struct TrainingProgress(string Stage, int Step, int Steps, double? Loss = null, double? ValidationF1 = null);
