namespace CpfPipeline.Cli.Exports;

/// <summary>What was exported.</summary>
/// <param name="Rows">Rows written.</param>
/// <param name="Position">Of changes: the position to go on from.</param>
internal sealed record ExportOutcome(long Rows, long? Position);
