using CpfPipeline.Matcher.Search;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;
using CpfPipeline.Matching.Joins;

namespace CpfPipeline.Matcher.Grouping;

/// <summary>The connected components of contents whose groups are known.</summary>
/// <remarks>
/// Every group is connected: two clusters merge only when a pair across reaches tau without the verdict <c>different</c>, or by the verdict
/// <c>same</c>. So a search for edges starts from the groups. The contents are compared chunk after chunk with those outside the component
/// that the largest group is in: of a giant hardly any, and none once it is one component. Whoever is outside at the end has been compared
/// with all.
/// </remarks>
internal static class EdgeComponents
{
    private const int FirstChunkRows = 1024;

    /// <summary>Content id -> smallest content id of its component.</summary>
    /// <param name="contents">The contents.</param>
    /// <param name="groups">Their groups.</param>
    /// <param name="tau">The threshold.</param>
    /// <param name="verdicts">At least the verdicts between them.</param>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    /// <param name="firstChunkRows">Contents of the first chunk; each further one doubles what has been compared.</param>
    public static Dictionary<long, long> Of(
        EmbeddingMatrix contents, IReadOnlyDictionary<long, long> groups, double tau, VerdictSet verdicts, int maxThreads,
        CancellationToken cancellationToken, int firstChunkRows = FirstChunkRows)
    {
        var ids = contents.ContentIds.ToArray();
        var rows = Enumerable.Range(0, ids.Length).ToDictionary(row => ids[row]);
        var components = new ConnectedComponents(ids);
        foreach (var (id, groupId) in groups)
        {
            components.Union(rows[id], rows[groupId]);
        }

        verdicts.UniteSame(components, rows);
        int[] apart = [.. rows.Values];
        var core = apart.Length == 0 ? 0 : apart.MaxBy(components.ComponentSize);
        for (int first = 0, count = firstChunkRows; first < ids.Length; first += count, count = first)
        {
            apart = [.. apart.Where(row => components.ComponentId(row) != components.ComponentId(core))];
            if (apart.Length == 0)
            {
                break;
            }

            var (lefts, block) = (Copy(contents, apart), Copy(contents, Enumerable.Range(first, Math.Min(count, ids.Length - first))));
            var (left, start) = (apart, first);
            new BlockJoin(lefts, tau, maxThreads: maxThreads).Accept(
                block,
                (l, r, _) =>
                {
                    if (!verdicts.AreDifferent(ids[left[l]], ids[start + r]))
                    {
                        components.Union(left[l], start + r);
                    }
                },
                (l, r) => components.AreSurelyConnected(left[l], start + r), cancellationToken);
        }

        return rows.ToDictionary(r => r.Key, r => components.ComponentId(r.Value));
    }

    private static EmbeddingMatrix Copy(EmbeddingMatrix contents, IEnumerable<int> rows)
    {
        var copy = new EmbeddingMatrix(contents.Dimension);
        foreach (var row in rows)
        {
            copy.Add(contents.ContentId(row), contents.Row(row));
        }

        return copy;
    }
}
