namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>Cuts the merges of a group at a threshold. Pure.</summary>
internal static class MergeCut
{
    /// <summary>The parts of a group that a threshold leaves, by the smallest picture of each.</summary>
    /// <param name="contents">The pictures of the group, all of them.</param>
    /// <param name="threshold">The threshold.</param>
    public static IReadOnlyDictionary<long, IReadOnlyList<long>> Parts(IReadOnlyCollection<MergedContent> contents, double threshold)
    {
        // A cluster is named by its smallest picture, and what it was merged into has a smaller name: by rising id, names are known.
        var nameOf = new Dictionary<long, long>(contents.Count);
        foreach (var content in contents.OrderBy(c => c.ContentId))
        {
            nameOf[content.ContentId] = content is { Into: { } into } && (content.Height >= threshold || content.HoldsAlways)
                && nameOf.TryGetValue(into, out var name) ? name : content.ContentId;
        }

        return nameOf.GroupBy(n => n.Value, n => n.Key).ToDictionary(g => g.Key, g => (IReadOnlyList<long>)[.. g.Order()]);
    }
}
