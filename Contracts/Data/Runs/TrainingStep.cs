namespace CpfPipeline.Data.Runs;

/// <summary>A row of <c>cpf.training_steps</c>.</summary>
/// <param name="Step">The step.</param>
/// <param name="StartedAt">When it first began.</param>
/// <param name="FinishedAt">When it was done; null: not yet.</param>
public sealed record TrainingStep(string Step, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt);
