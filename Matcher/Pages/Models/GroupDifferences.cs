namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>A page of differences.</summary>
/// <param name="Differences">The differences.</param>
/// <param name="Next">Where the next page begins: behind the group of this id. Null at the end.</param>
/// <param name="Looked">Groups that were looked at for it, of both models.</param>
/// <param name="IsShort">Whether the page ends early, because much had to be followed for it.</param>
public sealed record GroupDifferences(IReadOnlyList<GroupDifference> Differences, long? Next, int Looked, bool IsShort = false);
