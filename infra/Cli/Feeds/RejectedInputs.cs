namespace CpfPipeline.Cli.Feeds;

/// <summary>Inputs of a feed that were rejected for one reason.</summary>
/// <param name="Reason">Documented reason code.</param>
/// <param name="Count">How many.</param>
/// <param name="First">The first external ids.</param>
/// <param name="Late">Of these, images whose rows had been taken before: their pictures turned out to be unusable.</param>
internal sealed record RejectedInputs(string Reason, long Count, IReadOnlyList<string> First, long Late = 0);
