namespace CpfPipeline.Matching.Partitions;

/// <summary>What changed between two partitions of a touched set of contents.</summary>
public static class PartitionDiff
{
    /// <summary>
    /// The changes that turn <paramref name="previous"/> into <paramref name="current"/> (both content id -> group id), by content id.
    /// A content that keeps its group id yields none. For one whose id changed, let <c>rest</c> be the members of its previous group that are
    /// still matched: <c>rest</c> in several groups now is a split; else <c>rest</c> in one group with members of another previous group is a merge;
    /// else it is a renaming (new contents may have joined). A group that comes apart while its parts merge with others counts as split.
    /// </summary>
    /// <remarks>Both maps must hold whole groups: every member of a touched group, before and after; otherwise kinds (not ids) may be wrong.</remarks>
    public static IReadOnlyList<PartitionChange> Between(IReadOnlyDictionary<long, long> previous, IReadOnlyDictionary<long, long> current)
    {
        // One group seen, or more than one: that is all the kinds ask for.
        var destinations = new Dictionary<long, (long First, bool Several)>();
        var origins = new Dictionary<long, (long First, bool Several)>();
        foreach (var (contentId, group) in current)
        {
            if (previous.TryGetValue(contentId, out var previousGroup))
            {
                Note(destinations, previousGroup, group);
                Note(origins, group, previousGroup);
            }
        }

        var changes = new List<PartitionChange>();
        foreach (var (contentId, group) in current)
        {
            if (!previous.TryGetValue(contentId, out var previousGroup))
            {
                changes.Add(new PartitionChange(contentId, group, null, PartitionChangeKind.Joined));
            }
            else if (previousGroup != group)
            {
                var kind = destinations[previousGroup].Several ? PartitionChangeKind.Split
                    : origins[group].Several ? PartitionChangeKind.Merged
                    : PartitionChangeKind.Renamed;
                changes.Add(new PartitionChange(contentId, group, previousGroup, kind));
            }
        }

        foreach (var (contentId, previousGroup) in previous)
        {
            if (!current.ContainsKey(contentId))
            {
                changes.Add(new PartitionChange(contentId, null, previousGroup, PartitionChangeKind.Left));
            }
        }

        changes.Sort((left, right) => left.ContentId.CompareTo(right.ContentId));
        return changes;
    }

    private static void Note(Dictionary<long, (long First, bool Several)> seen, long key, long group) =>
        seen[key] = seen.TryGetValue(key, out var known) ? (known.First, known.Several || known.First != group) : (group, false);
}
