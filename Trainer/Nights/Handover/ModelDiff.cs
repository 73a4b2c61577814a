namespace CpfPipeline.Nights.Handover;

/// <summary>How two partitions of the same contents differ; the definitions are those of the comments on <c>cpf.model_diffs</c>.</summary>
internal static class ModelDiff
{
    public const string Merged = "merged";
    public const string Split = "split";
    public const string Moved = "moved";

    /// <param name="fromModelId">The model of the groups before.</param>
    /// <param name="modelId">The model of the groups after.</param>
    /// <param name="contents">Members of both.</param>
    /// <returns>The counts, and the contents whose companions differ.</returns>
    public static (ModelDiffRow Row, IReadOnlyList<(RegroupedContent Content, string Kind)> Changed) Between(
        long fromModelId, long modelId, IReadOnlyList<RegroupedContent> contents)
    {
        var (before, after, both) = (new Dictionary<long, int>(), new Dictionary<long, int>(), new Dictionary<(long, long), int>());
        foreach (var content in contents)
        {
            Count(before, content.Before);
            Count(after, content.After);
            Count(both, (content.Before, content.After));
        }

        var changed = new List<(RegroupedContent, string)>();
        long grouped = 0;
        foreach (var content in contents)
        {
            var (was, now, kept) = (before[content.Before], after[content.After], both[(content.Before, content.After)]);
            grouped += was > 1 || now > 1 ? 1 : 0;
            var (loses, gains) = (kept < was, kept < now);
            if (loses || gains)
            {
                changed.Add((content, loses && gains ? Moved : loses ? Split : Merged));
            }
        }

        var row = new ModelDiffRow(
            modelId, fromModelId, contents.Count, contents.Count - changed.Count, Of(Merged), Of(Split), Of(Moved), before.Values.LongCount(n => n > 1),
            after.Values.LongCount(n => n > 1), grouped == 0 ? 0 : (double)changed.Count / grouped);
        return (row, changed);

        long Of(string kind) => changed.LongCount(c => c.Item2 == kind);
    }

    private static void Count<T>(Dictionary<T, int> counts, T key)
        where T : notnull => System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _)++;
}
