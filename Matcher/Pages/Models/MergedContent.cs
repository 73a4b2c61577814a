namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>A picture of a group with the merge that took its cluster into another one.</summary>
/// <param name="ContentId">The picture, which names the cluster.</param>
/// <param name="Into">The cluster that it was merged into; null for the one that names the group.</param>
/// <param name="Height">Mean similarity of the two.</param>
/// <param name="HoldsAlways">Whether people's verdicts make that merge, at any threshold.</param>
internal sealed record MergedContent(long ContentId, long? Into, double Height, bool HoldsAlways);
