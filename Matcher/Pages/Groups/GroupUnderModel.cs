namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>How the pictures shown are grouped under a model.</summary>
/// <param name="ModelId">The model.</param>
/// <param name="State">Its state.</param>
/// <param name="Threshold">Its threshold.</param>
/// <param name="Groups">Groups that they are in.</param>
/// <param name="Pictures">How many of them it knows.</param>
public sealed record GroupUnderModel(long ModelId, string State, double Threshold, int Groups, int Pictures);
