namespace CpfPipeline.Cli.Processes;

/// <summary>Something that the supervisor keeps running.</summary>
/// <param name="Name">Key of the component.</param>
/// <param name="IsAlive">Whether its process lives.</param>
/// <param name="StartAsync">Starts it.</param>
internal sealed record Supervised(string Name, Func<bool> IsAlive, Func<CancellationToken, Task> StartAsync);
