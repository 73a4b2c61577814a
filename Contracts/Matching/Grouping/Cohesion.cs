using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Matching.Grouping;

/// <summary>Measures how tightly groups hold together.</summary>
public static class Cohesion
{
    private const int BlockedFrom = 256;

    /// <summary>The cohesion of every group of a result, by group id.</summary>
    /// <param name="members">The contents that were clustered, in any order; more are ignored.</param>
    /// <param name="result">Their groups and merges.</param>
    /// <param name="earlier">
    /// What was measured over some of the contents, and perhaps others: it saves most of the time for a large group that another one
    /// has grown into. The cohesion is the same.
    /// </param>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public static IReadOnlyList<GroupCohesion> Measure(
        EmbeddingMatrix members, AgglomerationResult result, EarlierCohesion? earlier = null, int maxThreads = 0,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(result);
        var groups = new SortedDictionary<long, List<int>>();
        for (var row = 0; row < members.Count; row++)
        {
            if (result.Groups.TryGetValue(members.ContentId(row), out var group))
            {
                if (!groups.TryGetValue(group, out var rows))
                {
                    groups.Add(group, rows = []);
                }

                rows.Add(row);
            }
        }

        var weakest = new Dictionary<long, double>();
        foreach (var merge in result.Merges)
        {
            if (result.Groups.TryGetValue(merge.Left, out var group))
            {
                weakest[group] = weakest.TryGetValue(group, out var height) ? Math.Min(height, merge.Height) : merge.Height;
            }
        }

        return [.. groups.Select(group => Measure(
            members, group.Value, weakest.TryGetValue(group.Key, out var height) ? height : null, earlier, maxThreads,
            cancellationToken))];
    }

    /// <summary>The cohesion of one group.</summary>
    /// <param name="members">Embeddings of at least the group's contents.</param>
    /// <param name="rows">The rows of the group, at least one.</param>
    /// <param name="weakestMerge">Smallest height of the merges inside, passed on.</param>
    /// <param name="earlier">What was measured over some of the contents.</param>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public static GroupCohesion Measure(
        EmbeddingMatrix members, IReadOnlyList<int> rows, double? weakestMerge = null, EarlierCohesion? earlier = null,
        int maxThreads = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfZero(rows.Count, nameof(rows));
        return new GroupCohesion(
            rows.Min(row => members.ContentId(row)), rows.Count, MinSimilarity(members, rows, earlier, maxThreads, cancellationToken),
            Medoid(members, rows), weakestMerge);
    }

    private static double? MinSimilarity(
        EmbeddingMatrix members, IReadOnlyList<int> rows, EarlierCohesion? earlier, int maxThreads, CancellationToken cancellationToken)
    {
        if (rows.Count == 1)
        {
            return null;
        }

        if (rows.Count >= BlockedFrom)
        {
            var (ordered, unknown, known) = earlier?.Split(members, rows) ?? (rows, rows.Count, double.PositiveInfinity);
            return new MinSimilaritySearch(members, ordered, unknown, known).Find(maxThreads, cancellationToken);
        }

        var min = double.PositiveInfinity;
        for (var i = 1; i < rows.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var j = 0; j < i; j++)
            {
                min = Math.Min(min, Similarity.Exact(members.Row(rows[i]), members.Row(rows[j])));
            }
        }

        return min;
    }

    /// <summary>
    /// Similarities of a row to all others sum to the product with the sum of all rows less the one with itself: exact in integers.
    /// </summary>
    private static long Medoid(EmbeddingMatrix members, IReadOnlyList<int> rows)
    {
        var sum = new long[members.Dimension];
        foreach (var row in rows)
        {
            var values = members.Row(row);
            for (var k = 0; k < values.Length; k++)
            {
                sum[k] += Units(values[k]);
            }
        }

        var (medoid, highest) = (long.MaxValue, Int128.MinValue);
        foreach (var row in rows)
        {
            var values = members.Row(row);
            Int128 total = 0;
            for (var k = 0; k < values.Length; k++)
            {
                var units = Units(values[k]);
                total += (Int128)units * (sum[k] - units);
            }

            if (total > highest || (total == highest && members.ContentId(row) < medoid))
            {
                (medoid, highest) = (members.ContentId(row), total);
            }
        }

        return medoid;
    }

    private static long Units(Half value) => (long)((float)value * (1 << 24));
}
