namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>Groups of one model and of another that share pictures and are not the same.</summary>
/// <param name="GroupId">The smallest id of a group in it, which names it.</param>
/// <param name="Kind">How they change.</param>
/// <param name="Before">Groups before, the largest first; a few of them.</param>
/// <param name="BeforeCount">How many there are.</param>
/// <param name="After">Groups after, the largest first; a few of them.</param>
/// <param name="AfterCount">How many there are.</param>
/// <param name="IsCut">Whether it is too large to be followed to its end, so that the counts are minima.</param>
public sealed record GroupDifference(
    long GroupId, GroupDifferenceKind Kind, IReadOnlyList<GroupPart> Before, int BeforeCount, IReadOnlyList<GroupPart> After,
    int AfterCount, bool IsCut);
