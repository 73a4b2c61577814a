namespace CpfPipeline.Cli.Processes;

/// <summary>What the supervisor did about a component.</summary>
/// <param name="Restarts">How often it was started again since <c>up</c>.</param>
/// <param name="LastAt">When last.</param>
/// <param name="GaveUp">Why it is not started any more; null while it is.</param>
internal sealed record RestartRecord(int Restarts, DateTimeOffset? LastAt, string? GaveUp);
