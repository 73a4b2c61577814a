using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;

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

    /// <summary>The result that <see cref="Groups"/> and <see cref="Merges"/> are of.</summary>
    public required AgglomerationResult Result { get; init; }

    /// <summary>The cohesion of all groups, single contents included.</summary>
    public required IReadOnlyList<GroupCohesion> Measured { get; init; }

    /// <summary>Computes them from the stored embeddings.</summary>
    /// <param name="contents">The contents.</param>
    /// <param name="tau">The threshold.</param>
    /// <param name="verdicts">At least the verdicts between them.</param>
    /// <param name="connected">Whether they are known to be one component. Otherwise the edges are computed.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    /// <param name="earlier">A regrouping of some of the contents, and perhaps others: it saves time and changes nothing.</param>
    public static Regrouping Compute(
        EmbeddingMatrix contents, double tau, VerdictSet verdicts, bool connected, CancellationToken cancellationToken, int maxThreads = 0,
        Regrouping? earlier = null)
    {
        var result = Agglomeration.Cluster(
            contents, tau, verdicts.Same, verdicts.Different, earlier?.Result, maxThreads: maxThreads,
            cancellationToken: cancellationToken);
        var measured = Matching.Grouping.Cohesion.Measure(
            contents, result, earlier is null ? null : new EarlierCohesion(earlier.Result, earlier.Measured), maxThreads,
            cancellationToken);
        return new Regrouping
        {
            Result = result,
            Measured = measured,
            Components = ComponentsOf(contents, result.Groups, tau, verdicts, connected, maxThreads, cancellationToken),
            Groups = result.Groups,
            Cohesion =
            [
                .. measured.Where(g => g.Size >= 2)
                    .Select(g => new GroupRow(g.GroupId, g.Size, g.MinSimilarity!.Value, g.Medoid, g.WeakestMerge!.Value)),
            ],
            Merges = [.. result.Merges.Select(m => new MergeRow(m.Left, m.Right, m.Height))],
        };
    }

    private static Dictionary<long, long> ComponentsOf(
        EmbeddingMatrix contents, IReadOnlyDictionary<long, long> groups, double tau, VerdictSet verdicts, bool connected, int maxThreads,
        CancellationToken cancellationToken)
    {
        if (!connected || contents.Count == 0)
        {
            return EdgeComponents.Of(contents, groups, tau, verdicts, maxThreads, cancellationToken);
        }

        var smallest = contents.ContentIds.ToArray().Min();
        return contents.ContentIds.ToArray().ToDictionary(id => id, _ => smallest);
    }
}
