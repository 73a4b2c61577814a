namespace CpfPipeline.Matcher.Tiles;

/// <summary>What the tables say of a join.</summary>
/// <param name="Done">Tiles written.</param>
/// <param name="Unsent">Tiles whose message was not sent yet.</param>
/// <param name="Joiners">Processes that wrote one in the last five minutes.</param>
/// <param name="Median">How long a tile took.</param>
/// <param name="Fault">Why it cannot be computed; null: nothing is known against it.</param>
internal sealed record JoinState(int Done, int Unsent, int Joiners, TimeSpan Median, string? Fault);
