using CpfPipeline.Matcher.Stores;
using Npgsql;

namespace CpfPipeline.Matcher.Grouping;

/// <summary>What a group transaction leaves to the background: components too large to regroup under the lock.</summary>
/// <param name="connection">The transaction's connection.</param>
/// <param name="modelId">The model.</param>
/// <param name="changes">Receives what is written at once.</param>
/// <param name="departures">Members that leave.</param>
internal sealed class Deferral(NpgsqlConnection connection, long modelId, ChangeSet changes, IReadOnlyList<GroupMember> departures)
{
    /// <summary>
    /// Defers a component too large to regroup here. Its arrivals are pending in groups of their own. After a departure, or when components
    /// were united without an arrival, all members are pending. A group or component whose smallest content left gets its new id at once.
    /// </summary>
    public async Task AddAsync(TouchedComponent giant, Dictionary<long, ComponentSize> sizes, CancellationToken cancellationToken)
    {
        var parts = giant.ComponentIds.Where(sizes.ContainsKey).Select(id => sizes[id]).ToArray();
        var componentId = parts.Where(p => p.SmallestRemaining is not null).Select(p => p.SmallestRemaining!.Value).Concat(giant.Arrivals)
            .DefaultIfEmpty(0).Min();
        var components = giant.ComponentIds.ToHashSet();
        var left = departures.Where(d => components.Contains(d.ComponentId)).ToArray();
        var all = giant.MayComeApart || giant.Arrivals.Count == 0;
        if (parts.Length > 0 && (all || Array.Exists(parts, p => p.ComponentId != componentId)))
        {
            changes.Move(new ComponentMove(giant.ComponentIds, componentId, all));
        }

        foreach (var id in giant.Arrivals)
        {
            changes.Join(new GroupMember(id, id, componentId, true));
        }

        Array.ForEach(left, changes.Leave);
        if (left.Length > 0)
        {
            await ShrinkGroupsAsync(left, componentId, cancellationToken);
        }
    }

    /// <summary>
    /// Takes members out of the groups of a giant. Until they are regrouped, the groups keep their known cohesion, under the id of a
    /// content that stays.
    /// </summary>
    private async Task ShrinkGroupsAsync(GroupMember[] left, long componentId, CancellationToken cancellationToken)
    {
        var gone = left.Select(m => m.ContentId).ToHashSet();
        var groupIds = left.Select(m => m.GroupId).Distinct().ToArray();
        var rows = (await GroupStore.ReadGroupRowsAsync(connection, modelId, groupIds, cancellationToken)).ToDictionary(g => g.GroupId);
        var members = await GroupStore.ReadGroupsAsync(connection, modelId, groupIds, cancellationToken);
        var cohesion = new List<GroupRow>();
        foreach (var group in members.GroupBy(m => m.GroupId))
        {
            var stayed = group.Where(m => !gone.Contains(m.ContentId)).ToArray();
            if (stayed.Length == 0)
            {
                continue;
            }

            var groupId = stayed.Min(m => m.ContentId);
            foreach (var member in stayed)
            {
                changes.Stay(member, member with { GroupId = groupId, ComponentId = componentId, Pending = true });
            }

            if (stayed.Length >= 2 && rows.TryGetValue(group.Key, out var row))
            {
                cohesion.Add(
                    row with { GroupId = groupId, Size = stayed.Length, Medoid = gone.Contains(row.Medoid) ? groupId : row.Medoid });
            }
        }

        changes.ReplaceGroups(groupIds, cohesion);
    }
}
