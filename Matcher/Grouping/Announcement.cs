using CpfPipeline.Contracts;
using CpfPipeline.Data.Placeholders;
using CpfPipeline.Matcher.Stores;

namespace CpfPipeline.Matcher.Grouping;

/// <summary>The messages that tell subscribers of group events and of the placeholder guard.</summary>
internal static class Announcement
{
    private const int MaxGroupsPerMessage = 1_000;

    /// <summary>A message for every content that became a placeholder or is not one any more.</summary>
    public static IReadOnlyCollection<object> Of(IReadOnlyList<PlaceholderEvent> events) =>
    [
        .. events.Select(e => new PlaceholderChanged
        {
            ContentId = e.ContentId, IsPlaceholder = e.IsPlaceholder, ProductKeys = e.ProductKeys, Who = e.Who,
        }),
    ];

    /// <summary>One message for every 1,000 groups that the events name, before or after; none without events.</summary>
    public static IReadOnlyCollection<object> Of(long modelId, IReadOnlyCollection<GroupEvent> events, (long First, long Last)? seqs) =>
        seqs is not var (first, last)
            ? []
            : Of(modelId, events.SelectMany(e => new[] { e.GroupId, e.PreviousGroupId }).OfType<long>().Distinct().Order(), first, last);

    /// <summary>One message for every 1,000 of the groups.</summary>
    public static IReadOnlyCollection<object> Of(long modelId, IEnumerable<long> groupIds, long firstSeq, long lastSeq) =>
    [
        .. groupIds.Chunk(MaxGroupsPerMessage)
            .Select(ids => new MatchGroupsChanged { ModelId = modelId, FirstSeq = firstSeq, LastSeq = lastSeq, GroupIds = ids }),
    ];
}
