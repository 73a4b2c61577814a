using CpfPipeline.Data.Models;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>Pages of the list of groups, each read in index time.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class GroupListStore(NpgsqlDataSource dataSource)
{
    /// <summary>Pictures shown of a group.</summary>
    public const int PicturesShown = 6;

    /// <summary>A page of the groups of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="query">Order, filter and place.</param>
    /// <param name="limit">Groups at most.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<ListedGroup>> ReadAsync(
        ServingModel model, GroupListQuery query, int limit, CancellationToken cancellationToken)
    {
        var (text, values) = Statement(model, query, limit);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var groups = await connection.Sql(text, values).QueryAsync(
            row => new ListedGroup(
                row.GetInt64(0), row.GetInt32(1), row.GetDouble(2), row.GetInt64(3), row.GetFieldValue<DateTimeOffset>(4),
                SortKey(row, query.Sort), []),
            cancellationToken);
        var pictures = await ReadPicturesAsync(connection, model.ModelId, groups, cancellationToken);
        return [.. groups.Select(g => g with { Pictures = [.. pictures[g.GroupId]] })];
    }

    /// <summary>The statement of a page: constants chosen by the query, and its values.</summary>
    private static (string Text, object?[] Values) Statement(ServingModel model, GroupListQuery query, int limit)
    {
        var (sort, filter) = (query.Sort, query.Filter);
        List<object?> values = [model.ModelId, limit];
        var where = new List<string>();
        if (query.After is { } after)
        {
            where.Add($"({sort.Key}, g.group_id) {(sort.Descends ? "<" : ">")} ({Value(after.Key)}::{sort.Type}, {Value(after.GroupId)})");
        }

        if (filter.Source is { } source)
        {
            where.Add(InGroupsOf($"i.source = {Value(source)}"));
        }

        if (filter.Key is { } key)
        {
            where.Add(InGroupsOf($"i.product_key = {Value(key)}"));
        }

        if (filter.MinSize is { } min)
        {
            where.Add($"g.size >= {Value(min)}");
        }

        if (filter.MaxSize is { } max)
        {
            where.Add($"g.size <= {Value(max)}");
        }

        if (filter.MaxMargin is { } margin)
        {
            where.Add($"g.weakest_merge <= {Value(model.Threshold + margin)}");
        }

        if (filter.Since is { } since)
        {
            where.Add($"g.changed_at >= {Value(new DateTimeOffset(since, TimeOnly.MinValue, TimeSpan.Zero))}");
        }

        if (filter.Conflict)
        {
            where.Add(
                """
                exists (
                    select from cpf.group_members m join cpf.images i on i.content_id = m.content_id and i.state = 'stored'
                    where m.model_id = $1 and m.group_id = g.group_id and i.product_key is not null
                    group by i.key_scope, case when i.key_scope = 'source' then i.source end
                    having min(i.product_key) <> max(i.product_key))
                """);
        }

        if (filter.ChangedBy is { } changedBy)
        {
            where.Add(
                $"""
                exists (
                    select from cpf.group_members m join cpf.group_events e on e.content_id = m.content_id
                    where m.model_id = $1 and m.group_id = g.group_id and e.model_id = {Value(changedBy)}
                        and e.kind in ('merged', 'split'))
                """);
        }

        var direction = sort.Descends ? " desc" : "";
        var text = $"""
            select g.group_id, g.size, g.weakest_merge, g.medoid, g.changed_at, {sort.Key}
            from cpf.groups g
            where g.model_id = $1 {string.Concat(where.Select(w => $"and {w} "))}
            order by {sort.Key}{direction}, g.group_id{direction}
            limit $2
            """;
        return (text, [.. values]);

        string Value(object value)
        {
            values.Add(value);
            return $"${values.Count}";
        }

        static string InGroupsOf(string condition) =>
            $"""
            g.group_id in (
                select m.group_id from cpf.images i join cpf.group_members m on m.model_id = $1 and m.content_id = i.content_id
                where i.state = 'stored' and {condition})
            """;
    }

    private static object SortKey(NpgsqlDataReader row, GroupSort sort) =>
        sort == GroupSort.Doubt ? row.GetDouble(5) : sort == GroupSort.Size ? row.GetInt32(5) : row.GetFieldValue<DateTimeOffset>(5);

    // The medoid, then a few others. Of a large group only the smallest ids are looked at.
    private static async Task<ILookup<long, ListedPicture>> ReadPicturesAsync(
        NpgsqlConnection connection, long modelId, IReadOnlyList<ListedGroup> groups, CancellationToken cancellationToken)
    {
        var rows = await connection.Sql(
            """
            select g.group_id, p.content_id, n.source, n.external_id, n.product_key
            from unnest($2::bigint[], $3::bigint[]) as g(group_id, medoid)
            cross join lateral (
                (select g.medoid as content_id, 0 as place)
                union all
                (select m.content_id, 1 from cpf.group_members m
                 where m.model_id = $1 and m.group_id = g.group_id and m.content_id <> g.medoid
                 limit $4)) as p
            join lateral (
                select i.source, i.external_id, i.product_key from cpf.images i
                where i.content_id = p.content_id and i.state = 'stored'
                order by i.source, i.external_id limit 1) as n on true
            order by g.group_id, p.place, p.content_id
            """,
            [modelId, groups.Select(g => g.GroupId).ToArray(), groups.Select(g => g.Medoid).ToArray(), PicturesShown - 1])
            .QueryAsync(
                row => (Group: row.GetInt64(0), Picture: new ListedPicture(
                    row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetStringOrNull(4))), cancellationToken);
        return rows.ToLookup(r => r.Group, r => r.Picture);
    }
}
