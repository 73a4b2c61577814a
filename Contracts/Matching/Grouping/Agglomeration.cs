using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Matching.Grouping;

/// <summary>
/// Average-linkage agglomeration down to a threshold: the groups of a set of contents. A function of the SET of contents, their embeddings and the
/// verdicts; nothing depends on the order in which they are given.
/// </summary>
/// <remarks>
/// <para>Start from the closures of <c>same</c> verdicts. Repeatedly merge the two clusters that come first in the order (mean cross similarity
/// falling, smaller cluster id, larger cluster id), where a cluster's id is its smallest content id, while that mean is at least tau; a
/// <c>different</c> verdict between members of two clusters keeps them apart for good (their similarity counts as minus infinity).</para>
/// <para>A closure's own merges come first, closures by their id: its smallest member takes in the others by rising content id, with the mean at that
/// time as height, which may be below tau. A <c>different</c> verdict inside a closure has no effect: <c>same</c> wins there. Verdicts on contents that
/// are not members are ignored.</para>
/// <para>A mean of at least tau needs a pair of at least tau without a <c>different</c> verdict, an edge: so no group reaches beyond a connected
/// component, and clustering several components at once gives the same groups as one by one.</para>
/// </remarks>
public static class Agglomeration
{
    private const int CandidateListLength = 16;
    private const int SeedFrom = 256;

    /// <summary>Groups <paramref name="members"/>.</summary>
    /// <param name="members">Contents, each once, in any order.</param>
    /// <param name="tau">Smallest mean cross similarity of two clusters that merge; finite; compared exactly.</param>
    /// <param name="mustLink">Pairs with the verdict <c>same</c>.</param>
    /// <param name="cannotLink">Pairs with the verdict <c>different</c>.</param>
    /// <param name="progress">Receives the share of contents settled, 0 to 1.</param>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    /// <exception cref="ArgumentException">A content occurs twice, or tau is not finite.</exception>
    public static AgglomerationResult Cluster(
        EmbeddingMatrix members, double tau, IReadOnlyCollection<(long A, long B)> mustLink, IReadOnlyCollection<(long A, long B)> cannotLink,
        IProgress<double>? progress = null, int maxThreads = 0, CancellationToken cancellationToken = default) =>
        Cluster(members, tau, mustLink, cannotLink, progress, maxThreads, CandidateListLength, SeedFrom, cancellationToken);

    /// <summary>The same with the two settings that only time depends on, so that tests reach every path with few members.</summary>
    internal static AgglomerationResult Cluster(
        EmbeddingMatrix members, double tau, IReadOnlyCollection<(long A, long B)> mustLink, IReadOnlyCollection<(long A, long B)> cannotLink,
        IProgress<double>? progress, int maxThreads, int listLength, int seedFrom, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(mustLink);
        ArgumentNullException.ThrowIfNull(cannotLink);
        if (!double.IsFinite(tau))
        {
            throw new ArgumentOutOfRangeException(nameof(tau), tau, "The threshold must be finite.");
        }

        var contentIds = members.ContentIds.ToArray();
        var rows = Enumerable.Range(0, contentIds.Length).ToArray();
        Array.Sort(contentIds, rows);
        var slots = new Dictionary<long, int>(contentIds.Length);
        for (var slot = 0; slot < contentIds.Length; slot++)
        {
            if (!slots.TryAdd(contentIds[slot], slot))
            {
                throw new ArgumentException($"Content {contentIds[slot]} occurs twice.", nameof(members));
            }
        }

        var clusters = new ClusterTable(members, rows);
        var groups = new ConnectedComponents(contentIds);
        var linked = Known(mustLink, slots);
        var closureMerges = MergeClosures(linked, clusters, groups, cancellationToken);
        foreach (var (a, b) in Known(cannotLink, slots))
        {
            var (left, right) = (slots[groups.ComponentId(a)], slots[groups.ComponentId(b)]);
            if (left != right)
            {
                clusters.Separate(left, right);
            }
        }

        var heads = Enumerable.Range(0, contentIds.Length).Where(slot => groups.ComponentId(slot) == contentIds[slot]).ToArray();
        var chain = new NeighbourChain(clusters, heads, tau, listLength);
        if (heads.Length >= seedFrom)
        {
            chain.Seed(listLength, maxThreads, cancellationToken);
        }

        var merges = chain.Run(progress, cancellationToken);
        foreach (var merge in merges)
        {
            groups.Union(merge.Left, merge.Right);
        }

        // Greedy order: see NeighbourChain.
        merges.Sort((left, right) => right.Mean.CompareTo(left.Mean) is not 0 and var byMean ? byMean
            : left.Left != right.Left ? left.Left.CompareTo(right.Left) : left.Right.CompareTo(right.Right));
        return new AgglomerationResult
        {
            Groups = Enumerable.Range(0, contentIds.Length).ToDictionary(slot => contentIds[slot], groups.ComponentId),
            Merges =
            [
                .. closureMerges.Select(merge => new AgglomerationMerge(contentIds[merge.Left], contentIds[merge.Right], merge.Mean.Value)),

                // A mean of exactly tau or just above may have been rounded below it.
                .. merges.Select(merge => new AgglomerationMerge(contentIds[merge.Left], contentIds[merge.Right], Math.Max(tau, merge.Mean.Value))),
            ],
        };
    }

    private static List<(int A, int B)> Known(IReadOnlyCollection<(long A, long B)> verdicts, Dictionary<long, int> slots)
    {
        var known = new List<(int A, int B)>();
        foreach (var (a, b) in verdicts)
        {
            if (slots.TryGetValue(a, out var left) && slots.TryGetValue(b, out var right) && left != right)
            {
                known.Add((left, right));
            }
        }

        return known;
    }

    private static List<(int Left, int Right, ExactMean Mean)> MergeClosures(
        List<(int A, int B)> linked, ClusterTable clusters, ConnectedComponents groups, CancellationToken cancellationToken)
    {
        foreach (var (a, b) in linked)
        {
            groups.Union(a, b);
        }

        var merges = new List<(int Left, int Right, ExactMean Mean)>();
        var firsts = new Dictionary<long, int>();
        foreach (var slot in linked.SelectMany(pair => new[] { pair.A, pair.B }).Distinct().Order())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var closure = groups.ComponentId(slot);
            if (!firsts.TryAdd(closure, slot))
            {
                var first = firsts[closure];
                merges.Add((first, slot, clusters.Exact(first, slot)));
                clusters.Merge(first, slot);
            }
        }

        merges.Sort((left, right) => left.Left != right.Left ? left.Left.CompareTo(right.Left) : left.Right.CompareTo(right.Right));
        return merges;
    }
}
