using CpfPipeline.Data.Models;
using CpfPipeline.Data.Sql;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Matcher.Pages.Pictures;
using CpfPipeline.Matcher.Review;
using Npgsql;

namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>Pages of the list of groups, each read in index time.</summary>
/// <param name="dataSource">The process's data source.</param>
/// <param name="queue">The pairs that are open for review.</param>
internal sealed class GroupListStore(NpgsqlDataSource dataSource, PairQueue queue)
{
    /// <summary>Pictures shown of a group.</summary>
    public const int PicturesShown = 6;

    // Whether keys disagree, or who changed a group, is looked up group by group: so many groups for one page, about half a second.
    private readonly int _maxLookups = 5_000;

    /// <summary>With a bound of its own, for tests.</summary>
    internal GroupListStore(NpgsqlDataSource dataSource, PairQueue queue, int maxLookups)
        : this(dataSource, queue) => _maxLookups = maxLookups;

    /// <summary>A part of the groups of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="query">Order, filter and place.</param>
    /// <param name="limit">Groups at most.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<GroupListPart> ReadAsync(
        ServingModel model, GroupListQuery query, int limit, CancellationToken cancellationToken)
    {
        // Nobody's unsure answers are left out: the address shows the same to everybody.
        var open = query.Filter.OpenPair ? await queue.ReadAsync(model, who: "", cancellationToken) : [];
        var statement = new GroupListStatement(model, query, [.. open.SelectMany(p => new[] { p.ContentA, p.ContentB }).Distinct()]);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = await connection.Sql(statement.Page(_maxLookups, limit + 1), statement.Values).QueryAsync(
            row => new ListedGroup(
                row.GetInt64(0), row.GetInt32(1), row.GetDouble(2), row.GetInt64(3), row.GetFieldValue<DateTimeOffset>(4),
                SortKey(row, 5, query.Sort), []),
            cancellationToken);
        var (shown, last) = PageRows.Of(rows, limit);
        var next = last is null ? null : new ListPlace<long>(last.Key, last.GroupId);
        var isCut = false;
        if (next is null && statement.IsLookedUp)
        {
            next = (await connection.Sql(statement.LastLookedAt(_maxLookups), statement.Values).QueryAsync(
                row => new ListPlace<long>(SortKey(row, 0, query.Sort), row.GetInt64(1)), cancellationToken)).SingleOrDefault();
            isCut = next is not null;
        }

        var pictures = await ReadPicturesAsync(connection, model.ModelId, shown, cancellationToken);
        return new GroupListPart([.. shown.Select(g => g with { Pictures = [.. pictures[g.GroupId]] })], next, isCut);
    }

    private static object SortKey(NpgsqlDataReader row, int column, GroupSort sort) => sort.KeyKind switch
    {
        ListKey.Similarity => row.GetDouble(column),
        ListKey.Count => row.GetInt32(column),
        _ => row.GetFieldValue<DateTimeOffset>(column),
    };

    // The medoid, then a few others, whichever come first: no order, so that a giant is not sorted.
    private static async Task<ILookup<long, ShownPicture>> ReadPicturesAsync(
        NpgsqlConnection connection, long modelId, IReadOnlyList<ListedGroup> groups, CancellationToken cancellationToken)
    {
        var members = await connection.Sql(
            """
            select g.group_id, p.content_id
            from unnest($2::bigint[], $3::bigint[]) as g(group_id, medoid)
            cross join lateral (
                (select g.medoid as content_id, 0 as place)
                union all
                (select m.content_id, 1 from cpf.group_members m
                 where m.model_id = $1 and m.group_id = g.group_id and m.content_id <> g.medoid
                 limit $4)) as p
            order by g.group_id, p.place, p.content_id
            """,
            [modelId, groups.Select(g => g.GroupId).ToArray(), groups.Select(g => g.Medoid).ToArray(), PicturesShown - 1])
            .QueryAsync(row => (Group: row.GetInt64(0), Content: row.GetInt64(1)), cancellationToken);
        var pictures = (await PictureStore.ReadAsync(connection, [.. members.Select(m => m.Content)], maxListings: 1, cancellationToken))
            .ToDictionary(p => p.ContentId);
        return members.Where(m => pictures.ContainsKey(m.Content)).ToLookup(m => m.Group, m => pictures[m.Content]);
    }
}
