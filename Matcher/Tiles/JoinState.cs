namespace CpfPipeline.Matcher.Tiles;

/// <summary>What the tables say of a join.</summary>
/// <param name="Done">Tiles written.</param>
/// <param name="Joiners">Processes that wrote one in the last five minutes.</param>
/// <param name="Slowest">Longest time that a tile took.</param>
/// <param name="Fault">Why no tile can be computed; null: nothing is known against it.</param>
internal sealed record JoinState(int Done, int Joiners, TimeSpan Slowest, string? Fault);
