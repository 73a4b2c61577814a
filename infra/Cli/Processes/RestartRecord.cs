namespace CpfPipeline.Cli.Processes;

/// <summary>What the supervisor did about a component.</summary>
/// <param name="Restarts">How often it was started again since <c>up</c>.</param>
/// <param name="LastAt">When last.</param>
/// <param name="KeepsDying">That it died many times in a row soon after its start; null when it lives.</param>
internal sealed record RestartRecord(int Restarts, DateTimeOffset? LastAt, string? KeepsDying);
