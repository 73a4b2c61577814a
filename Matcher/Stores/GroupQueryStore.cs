using CpfPipeline.Data.Placeholders;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Stores;

/// <summary>Match groups and their history, for readers.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class GroupQueryStore(NpgsqlDataSource dataSource)
{
    /// <summary>Group events after a position, in order.</summary>
    /// <returns>
    /// Null: events after the position were removed because they were old, so that nobody who is there can follow. From 0 on the last
    /// event of every content is there that is in a group.
    /// </returns>
    public async Task<IReadOnlyList<GroupChange>?> ReadChangesAsync(long afterSeq, int limit, CancellationToken cancellationToken)
    {
        var changes = await ReadAsync(afterSeq, limit, cancellationToken);

        // Afterwards: what was removed meanwhile shows here.
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return afterSeq > 0 && await GroupStore.LastRemovedSeqAsync(connection, cancellationToken) > afterSeq ? null : changes;
    }

    private async Task<IReadOnlyList<GroupChange>> ReadAsync(long afterSeq, int limit, CancellationToken cancellationToken)
    {
        return await dataSource.Sql(
            $"""
            select e.seq, e.kind, e.content_id, encode(c.sha256, 'hex'), e.group_id, e.previous_group_id, e.model_id, e.at, i.sources,
                i.external_ids
            from (select * from cpf.group_events where seq > $1 order by seq limit $2) as e
            left join cpf.contents c on c.content_id = e.content_id
            left join lateral (
                select array_agg(source order by source, external_id) as sources, array_agg(external_id
                    order by source, external_id) as external_ids
                from cpf.images n
                where content_id = e.content_id and state = 'stored' and {SourcePlaceholderStore.Spares("n")}) as i on true
            order by e.seq
            """, [afterSeq, limit]).QueryAsync(
            row => new GroupChange(
                row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetStringOrNull(3), row.GetOrNull<long>(4), row.GetOrNull<long>(5),
                row.GetInt64(6), row.GetFieldValue<DateTimeOffset>(7), Names(row, 8)),
            cancellationToken);
    }

    /// <summary>Ids of the groups of two images or more under the active model, rising, after a given one.</summary>
    public async Task<IReadOnlyList<long>> ReadGroupIdsAsync(long afterGroupId, int limit, CancellationToken cancellationToken)
    {
        return await dataSource.Sql(
            "select distinct group_id from cpf.match_group_members where group_id > $1 order by group_id limit $2", [afterGroupId, limit])
            .QueryAsync(row => row.GetInt64(0), cancellationToken);
    }

    /// <summary>Where an image stands: its status (see <c>cpf.image_status</c>) and its group; null when there is no such image.</summary>
    public async Task<(string Status, long? GroupId)?> FindImageAsync(string source, string externalId, CancellationToken cancellationToken)
    {
        var found = await dataSource.Sql(
            "select status, group_id from cpf.image_status where source = $1 and external_id = $2", [source, externalId])
            .QueryAsync(row => (row.GetString(0), row.GetOrNull<long>(1)), cancellationToken);
        return found is [var image] ? image : null;
    }

    /// <summary>Groups of the active model by id, also those of one image, rising; ids without live images are left out.</summary>
    public async Task<IReadOnlyList<GroupView>> ReadGroupsAsync(IReadOnlyCollection<long> groupIds, CancellationToken cancellationToken)
    {
        var rows = await dataSource.Sql(
            $"""
            select g.group_id, g.model_id, g.pending, coalesce(r.min_pair_similarity, 1), coalesce(r.medoid, g.group_id),
                coalesce(r.weakest_merge, 1),
                   i.source, i.external_id, i.product_key, encode(c.sha256, 'hex'), g.content_id
            from cpf.models m
            join cpf.group_members g on g.model_id = m.model_id and g.group_id = any($1)
            join cpf.images        i on i.content_id = g.content_id and i.state = 'stored'
            join cpf.contents      c on c.content_id = g.content_id
            left join cpf.groups   r on r.model_id = g.model_id and r.group_id = g.group_id
            where m.state = 'active' and {SourcePlaceholderStore.Spares("i")}
            order by g.group_id, i.source, i.external_id
            """, [groupIds.ToArray()]).QueryAsync(
            row => (
                Group: new GroupView(row.GetInt64(0), row.GetInt64(1), 0, false, row.GetDouble(3), row.GetInt64(4), row.GetDouble(5), []),
                Pending: row.GetBoolean(2),
                Image: new GroupImage(row.GetString(6), row.GetString(7), row.GetStringOrNull(8), row.GetString(9), row.GetInt64(10))),
            cancellationToken);
        return [.. rows.GroupBy(r => r.Group.GroupId).Select(g => g.First().Group with
        {
            Contents = g.Select(r => r.Image.ContentId).Distinct().Count(),
            Pending = g.Any(r => r.Pending),
            Members = [.. g.Select(r => r.Image)],
        })];
    }

    // Arrays of sources and of external ids, in the same order.
    private static ImageName[] Names(NpgsqlDataReader row, int column) => row.IsDBNull(column)
        ? []
        : [.. row.GetFieldValue<string[]>(column).Zip(row.GetFieldValue<string[]>(column + 1), (source, id) => new ImageName(source, id))];
}
