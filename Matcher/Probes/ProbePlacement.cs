using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;

namespace CpfPipeline.Matcher.Probes;

/// <summary>Which group a picture would be in: that of the partition of the members and itself. Pure.</summary>
internal static class ProbePlacement
{
    /// <summary>Agglomerates the components that the picture touches together with it.</summary>
    /// <param name="members">Embeddings of the members of those components and of the picture.</param>
    /// <param name="tau">The threshold.</param>
    /// <param name="verdicts">At least the verdicts between them.</param>
    /// <param name="contentId">The picture.</param>
    /// <param name="groups">The members with their groups.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    /// <returns>The groups of its companions; none when it would be alone.</returns>
    public static IReadOnlyList<ProbeGroup> Find(
        EmbeddingMatrix members, double tau, VerdictSet verdicts, long contentId, IReadOnlyCollection<GroupMember> groups,
        CancellationToken cancellationToken)
    {
        var partition = Agglomeration.Cluster(
            members, tau, verdicts.Same, verdicts.Different, maxThreads: 1, cancellationToken: cancellationToken).Groups;
        var sizes = groups.CountBy(m => m.GroupId).ToDictionary();
        return
        [
            .. groups.Where(m => m.ContentId != contentId && partition[m.ContentId] == partition[contentId]).CountBy(m => m.GroupId)
                .Select(g => new ProbeGroup(g.Key, sizes[g.Key], g.Value))
                .OrderByDescending(g => g.Companions).ThenBy(g => g.GroupId),
        ];
    }
}
