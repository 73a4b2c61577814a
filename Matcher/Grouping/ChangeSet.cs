using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Partitions;

namespace CpfPipeline.Matcher.Grouping;

/// <summary>Collects what a transaction writes and which events it has, from the members before and after.</summary>
internal sealed class ChangeSet
{
    private readonly Dictionary<long, long> _previous = [];
    private readonly Dictionary<long, long> _current = [];
    private readonly GroupChanges _changes = new();

    /// <summary>A content that comes in. The other members of its group have to be passed to this object, too.</summary>
    public void Join(GroupMember member)
    {
        _changes.Inserts.Add(member);
        _current[member.ContentId] = member.GroupId;
    }

    /// <summary>A member that leaves.</summary>
    public void Leave(GroupMember member)
    {
        _changes.Deletes.Add(member.ContentId);
        _changes.DeletedMerges.Add(member.ContentId);
        _previous[member.ContentId] = member.GroupId;
    }

    /// <summary>A member that stays, perhaps elsewhere.</summary>
    public void Stay(GroupMember before, GroupMember after)
    {
        if (before != after)
        {
            _changes.Updates.Add(after);
        }

        _previous[before.ContentId] = before.GroupId;
        _current[after.ContentId] = after.GroupId;
    }

    /// <summary>Components that move as a whole while their groups stay.</summary>
    public void Move(ComponentMove move) => _changes.Moves.Add(move);

    /// <summary>Replaces cohesion and merges of regrouped contents.</summary>
    /// <param name="members">The members whose groups and merges were written before.</param>
    /// <param name="groups">Cohesion of all their groups now.</param>
    /// <param name="merges">All their merges now.</param>
    public void Replace(IEnumerable<GroupMember> members, IReadOnlyCollection<GroupRow> groups, IReadOnlyCollection<MergeRow> merges)
    {
        var groupIds = groups.Select(g => g.GroupId).ToHashSet();
        var rights = merges.Select(m => m.Right).ToHashSet();
        foreach (var member in members)
        {
            if (groupIds.Add(member.GroupId))
            {
                _changes.DeletedGroups.Add(member.GroupId);
            }

            if (!rights.Contains(member.ContentId))
            {
                _changes.DeletedMerges.Add(member.ContentId);
            }
        }

        _changes.Groups.AddRange(groups);
        _changes.Merges.AddRange(merges);
    }

    /// <summary>Replaces the cohesion of groups while their merges stay.</summary>
    public void ReplaceGroups(IEnumerable<long> previousGroupIds, IReadOnlyCollection<GroupRow> groups)
    {
        _changes.DeletedGroups.AddRange(previousGroupIds.Except(groups.Select(g => g.GroupId)));
        _changes.Groups.AddRange(groups);
    }

    /// <summary>The changes with their events.</summary>
    /// <param name="tell">Whether to make events. A shadow has none, because its groups are not visible yet.</param>
    public GroupChanges Build(bool tell = true)
    {
        if (!tell)
        {
            return _changes;
        }

        _changes.Events.AddRange(PartitionDiff.Between(_previous, _current)
            .Select(c => new GroupEvent(Kind(c.Kind), c.ContentId, c.GroupId, c.PreviousGroupId)));
        return _changes;
    }

    private static string Kind(PartitionChangeKind kind) => kind switch
    {
        PartitionChangeKind.Joined => "joined",
        PartitionChangeKind.Left => "left",
        PartitionChangeKind.Merged => "merged",
        PartitionChangeKind.Split => "split",
        PartitionChangeKind.Renamed => "renamed",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
