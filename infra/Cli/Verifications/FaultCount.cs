namespace CpfPipeline.Cli.Verifications;

/// <summary>Faults of one kind.</summary>
/// <param name="Count">How many.</param>
/// <param name="Repaired">How many of them were repaired, or will be by what was ordered.</param>
/// <param name="Examples">The first of them.</param>
/// <param name="Why">Why some are left; null when none is, or nothing was to be repaired.</param>
internal sealed record FaultCount(long Count, long Repaired, IReadOnlyList<string> Examples, string? Why);
