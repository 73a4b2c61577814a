using CpfPipeline.Contracts;
using CpfPipeline.Data;

namespace CpfPipeline.Matcher.Grouping;

/// <summary>The messages that tell subscribers of group events.</summary>
internal static class Announcement
{
    private const int GroupsAMessage = 1_000;

    /// <summary>One message for every 1,000 groups that are or were; none without events.</summary>
    public static IReadOnlyCollection<object> Of(long modelId, IReadOnlyCollection<GroupEvent> events, (long First, long Last)? seqs) =>
        seqs is not var (first, last)
            ? []
            : [.. events.SelectMany(e => new[] { e.GroupId, e.PreviousGroupId }).OfType<long>().Distinct().Order().Chunk(GroupsAMessage)
                .Select(ids => new MatchGroupsChanged { ModelId = modelId, FirstSeq = first, LastSeq = last, GroupIds = ids })];
}
