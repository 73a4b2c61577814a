namespace CpfPipeline.Trainer.Offline;

/// <summary>What an offline verb works with.</summary>
/// <param name="Output">Takes results.</param>
/// <param name="Error">Takes everything else.</param>
/// <param name="Time">Clock.</param>
internal sealed record OfflineConsole(TextWriter Output, TextWriter Error, TimeProvider Time);
