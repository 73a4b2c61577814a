using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Stores;

/// <summary>Match groups and their history, for readers.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class GroupQueryStore(NpgsqlDataSource dataSource)
{
    /// <summary>Group events after a position, in order.</summary>
    public async Task<IReadOnlyList<GroupChange>> ReadChangesAsync(long afterSeq, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            select e.seq, e.kind, e.content_id, encode(c.sha256, 'hex'), e.group_id, e.previous_group_id, e.model_id, e.at, i.sources,
                i.external_ids
            from (select * from cpf.group_events where seq > $1 order by seq limit $2) as e
            left join cpf.contents c on c.content_id = e.content_id
            left join lateral (
                select array_agg(source order by source, external_id) as sources, array_agg(external_id
                    order by source, external_id) as external_ids
                from cpf.images
                where content_id = e.content_id and state = 'stored') as i on true
            order by e.seq
            """);
        command.Parameters.Add(new() { Value = afterSeq });
        command.Parameters.Add(new() { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var changes = new List<GroupChange>();
        while (await reader.ReadAsync(cancellationToken))
        {
            ImageName[] images = await reader.IsDBNullAsync(8, cancellationToken)
                ? []
                : [.. reader.GetFieldValue<string[]>(8)
                    .Zip(reader.GetFieldValue<string[]>(9), (source, externalId) => new ImageName(source, externalId))];
            changes.Add(new GroupChange(
                reader.GetInt64(0), reader.GetString(1), reader.GetInt64(2), Text(reader, 3), Number(reader, 4), Number(reader, 5),
                reader.GetInt64(6),
                reader.GetFieldValue<DateTimeOffset>(7), images));
        }

        return changes;
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
        await using var command = dataSource.CreateCommand(
            "select status, group_id from cpf.image_status where source = $1 and external_id = $2");
        command.Parameters.Add(new() { Value = source });
        command.Parameters.Add(new() { Value = externalId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetString(0), Number(reader, 1)) : null;
    }

    /// <summary>Groups of the active model by id, also those of one image, rising; ids without live images are left out.</summary>
    public async Task<IReadOnlyList<GroupView>> ReadGroupsAsync(IReadOnlyCollection<long> groupIds, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            select g.group_id, g.model_id, g.pending, coalesce(r.min_pair_similarity, 1), coalesce(r.medoid, g.group_id),
                coalesce(r.weakest_merge, 1),
                   i.source, i.external_id, i.product_key, encode(c.sha256, 'hex'), g.content_id
            from cpf.models m
            join cpf.group_members g on g.model_id = m.model_id and g.group_id = any($1)
            join cpf.images        i on i.content_id = g.content_id and i.state = 'stored'
            join cpf.contents      c on c.content_id = g.content_id
            left join cpf.groups   r on r.model_id = g.model_id and r.group_id = g.group_id
            where m.state = 'active'
            order by g.group_id, i.source, i.external_id
            """);
        command.Parameters.Add(new() { Value = groupIds.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<(GroupView Group, bool Pending, GroupImage Image)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add((
                new GroupView(
                    reader.GetInt64(0), reader.GetInt64(1), 0, false, reader.GetDouble(3), reader.GetInt64(4), reader.GetDouble(5), []),
                reader.GetBoolean(2),
                new GroupImage(reader.GetString(6), reader.GetString(7), Text(reader, 8), reader.GetString(9), reader.GetInt64(10))));
        }

        return [.. rows.GroupBy(r => r.Group.GroupId).Select(g => g.First().Group with
        {
            Contents = g.Select(r => r.Image.ContentId).Distinct().Count(),
            Pending = g.Any(r => r.Pending),
            Members = [.. g.Select(r => r.Image)],
        })];
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static long? Number(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);
}
