using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Matching.Grouping;

/// <summary>
/// Average-linkage agglomeration down to a threshold: the groups of a set of contents. A function of the SET of contents, their embeddings
/// and the verdicts; nothing depends on the order in which they are given.
/// </summary>
/// <remarks>
/// <para>Start from the closures of <c>same</c> verdicts. Repeatedly merge the two clusters that come first in the order (mean cross
/// similarity falling, smaller cluster id, larger cluster id), where a cluster's id is its smallest content id, while that mean is at least
/// tau; a <c>different</c> verdict between members of two clusters keeps them apart for good (their similarity counts as minus
/// infinity).</para>
/// <para>A closure's own merges come first, closures by their id: its smallest member takes in the others by rising content id, with the
/// mean at that time as height, which may be below tau. A <c>different</c> verdict inside a closure has no effect: <c>same</c> wins there.
/// Verdicts on contents that are not members are ignored.</para>
/// <para>A mean of at least tau needs a pair of at least tau without a <c>different</c> verdict, an edge: so no group reaches beyond a
/// connected component, and clustering several components at once gives the same groups as one by one.</para>
/// </remarks>
public static class Agglomeration
{
    /// <summary>Groups <paramref name="members"/>.</summary>
    /// <param name="members">Contents, each once, in any order.</param>
    /// <param name="tau">Smallest mean cross similarity of two clusters that merge; finite; compared exactly.</param>
    /// <param name="mustLink">Pairs with the verdict <c>same</c>.</param>
    /// <param name="cannotLink">Pairs with the verdict <c>different</c>.</param>
    /// <param name="earlier">
    /// A result over some of the contents, and perhaps others, whose matrix has not changed: for the same threshold and the same verdicts
    /// between members it saves most of the time while few contents differ, else it is ignored. The result is the same.
    /// </param>
    /// <param name="progress">Receives the share of contents settled, 0 to 1.</param>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    /// <exception cref="ArgumentException">A content occurs twice, or tau is not finite.</exception>
    public static AgglomerationResult Cluster(
        EmbeddingMatrix members, double tau, IReadOnlyCollection<(long A, long B)> mustLink,
        IReadOnlyCollection<(long A, long B)> cannotLink,
        AgglomerationResult? earlier = null, IProgress<double>? progress = null, int maxThreads = 0,
        CancellationToken cancellationToken = default) =>
        Cluster(members, tau, mustLink, cannotLink, earlier, progress, maxThreads, new AgglomerationSettings(), cancellationToken);

    /// <summary>The same with settings that only the time depends on.</summary>
    internal static AgglomerationResult Cluster(
        EmbeddingMatrix members, double tau, IReadOnlyCollection<(long A, long B)> mustLink,
        IReadOnlyCollection<(long A, long B)> cannotLink, AgglomerationResult? earlier, IProgress<double>? progress, int maxThreads,
        AgglomerationSettings settings, CancellationToken cancellationToken)
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
        var separated = Known(cannotLink, slots);
        foreach (var (a, b) in separated)
        {
            var (left, right) = (slots[groups.ComponentId(a)], slots[groups.ComponentId(b)]);
            if (left != right)
            {
                clusters.Separate(left, right);
            }
        }

        var heads = Enumerable.Range(0, contentIds.Length).Where(slot => groups.ComponentId(slot) == contentIds[slot]).ToArray();
        var basis = new AgglomerationBasis(members, tau, Pairs(linked, contentIds), Pairs(separated, contentIds));
        List<(int Left, int Right, ExactMean Mean)> merges =
            earlier is not null && earlier.Basis.DiffersInMembersOnly(basis)
                ? Replayed(earlier, members, rows, clusters, groups, slots, heads, cancellationToken)
                : [];
        var merged = merges.Select(merge => merge.Right).ToHashSet();
        int[] rest = merged.Count == 0 ? heads : [.. heads.Where(head => !merged.Contains(head))];
        var chain = new NeighbourChain(clusters, rest, tau, settings, maxThreads);
        if (rest.Length >= settings.SeedFrom)
        {
            chain.Seed(cancellationToken);
        }

        merges.AddRange(chain.Run(progress, cancellationToken));
        foreach (var merge in merges)
        {
            groups.Union(merge.Left, merge.Right);
        }

        // Greedy order: see NeighbourChain.
        merges.Sort((left, right) => right.Mean.CompareTo(left.Mean) is not 0 and var byMean ? byMean
            : left.Left != right.Left ? left.Left.CompareTo(right.Left) : left.Right.CompareTo(right.Right));
        return new AgglomerationResult(basis, closureMerges.Count)
        {
            Groups = Enumerable.Range(0, contentIds.Length).ToDictionary(slot => contentIds[slot], groups.ComponentId),
            Merges =
            [
                .. closureMerges.Select(merge => new AgglomerationMerge(contentIds[merge.Left], contentIds[merge.Right], merge.Mean.Value)),

                // A mean of exactly tau or just above may have been rounded below it.
                .. merges.Select(merge =>
                    new AgglomerationMerge(contentIds[merge.Left], contentIds[merge.Right], Math.Max(tau, merge.Mean.Value))),
            ],
        };
    }

    private static List<(int Left, int Right, ExactMean Mean)> Replayed(
        AgglomerationResult earlier, EmbeddingMatrix members, int[] rows, ClusterTable clusters, ConnectedComponents groups,
        Dictionary<long, int> slots, int[] heads, CancellationToken cancellationToken)
    {
        var before = earlier.Basis.Members;
        var rowsBefore = new Dictionary<long, int>(before.Count);
        for (var row = 0; row < before.Count; row++)
        {
            rowsBefore.Add(before.ContentId(row), row);
        }

        var changed = new HashSet<int>();
        foreach (var (contentId, slot) in slots)
        {
            // A content that left and came back may have another embedding.
            if (!rowsBefore.TryGetValue(contentId, out var row) || !before.Row(row).SequenceEqual(members.Row(rows[slot])))
            {
                changed.Add(slots[groups.ComponentId(slot)]);
            }
        }

        return new Replay(clusters, slots, heads, head => !changed.Contains(head))
            .Run(earlier.Merges.Skip(earlier.ClosureMerges), heads.Length, cancellationToken);
    }

    private static HashSet<(long A, long B)> Pairs(List<(int A, int B)> known, long[] contentIds) =>
        [.. known.Select(pair => (contentIds[Math.Min(pair.A, pair.B)], contentIds[Math.Max(pair.A, pair.B)]))];

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
