using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;
using CpfPipeline.Matching.Joins;

namespace CpfPipeline.Matcher.Grouping;

/// <summary>Components and groups of a set of contents that has no edge to other contents.</summary>
internal sealed record Regrouping
{
    /// <summary>Content id -> smallest content id of its component.</summary>
    public required IReadOnlyDictionary<long, long> Components { get; init; }

    /// <summary>Content id -> smallest content id of its group.</summary>
    public required IReadOnlyDictionary<long, long> Groups { get; init; }

    /// <summary>Cohesion of the groups of two contents or more.</summary>
    public required IReadOnlyList<GroupRow> Cohesion { get; init; }

    /// <summary>The agglomeration tree.</summary>
    public required IReadOnlyList<MergeRow> Merges { get; init; }

    /// <summary>Computes them from the stored embeddings.</summary>
    /// <param name="contents">The contents.</param>
    /// <param name="tau">The threshold.</param>
    /// <param name="verdicts">At least the verdicts between them.</param>
    /// <param name="connected">Whether they are known to be one component. Otherwise the edges are computed.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    public static Regrouping Compute(
        EmbeddingMatrix contents, double tau, VerdictSet verdicts, bool connected, CancellationToken cancellationToken, int maxThreads = 0)
    {
        var result = Agglomeration.Cluster(
            contents, tau, verdicts.Same, verdicts.Different, maxThreads: maxThreads, cancellationToken: cancellationToken);
        return new Regrouping
        {
            Components = ComponentsOf(contents, tau, verdicts, connected, maxThreads, cancellationToken),
            Groups = result.Groups,
            Cohesion =
            [
                .. Matching.Grouping.Cohesion.Measure(contents, result, maxThreads, cancellationToken).Where(g => g.Size >= 2)
                    .Select(g => new GroupRow(g.GroupId, g.Size, g.MinSimilarity!.Value, g.Medoid, g.WeakestMerge!.Value)),
            ],
            Merges = [.. result.Merges.Select(m => new MergeRow(m.Left, m.Right, m.Height))],
        };
    }

    private static Dictionary<long, long> ComponentsOf(
        EmbeddingMatrix contents, double tau, VerdictSet verdicts, bool connected, int maxThreads, CancellationToken cancellationToken)
    {
        var ids = contents.ContentIds.ToArray();
        if (connected && ids.Length > 0)
        {
            var smallest = ids.Min();
            return ids.ToDictionary(id => id, _ => smallest);
        }

        var components = new ConnectedComponents(ids);
        PairJoin.SelfJoin(contents, tau, (left, right, _) =>
        {
            if (!verdicts.AreDifferent(ids[left], ids[right]))
            {
                components.Union(left, right);
            }
        }, maxThreads, components.AreSurelyConnected, cancellationToken);
        var rows = Enumerable.Range(0, ids.Length).ToDictionary(row => ids[row]);
        verdicts.UniteSame(components, rows);
        return rows.ToDictionary(r => r.Key, r => components.ComponentId(r.Value));
    }
}
