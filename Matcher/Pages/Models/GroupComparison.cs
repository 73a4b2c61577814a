namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>Tells how groups changed that share pictures. Pure.</summary>
internal static class GroupComparison
{
    /// <summary>How they changed.</summary>
    /// <param name="before">Sizes of the groups before, at least one.</param>
    /// <param name="after">
    /// Sizes of the groups after, at least one. The two sides are linked by shared pictures and are not the same.
    /// </param>
    public static GroupDifferenceKind KindOf(IReadOnlyCollection<int> before, IReadOnlyCollection<int> after) =>
        after.Count == 1 ? before.All(IsAlone) ? GroupDifferenceKind.Appears : GroupDifferenceKind.Merges
        : before.Count == 1 ? after.All(IsAlone) ? GroupDifferenceKind.Vanishes : GroupDifferenceKind.Splits
        : GroupDifferenceKind.Moves;

    private static bool IsAlone(int size) => size == 1;
}
