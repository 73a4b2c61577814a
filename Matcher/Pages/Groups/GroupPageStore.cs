using CpfPipeline.Data.Contents;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Placeholders;
using CpfPipeline.Data.Sql;
using CpfPipeline.Matcher.Pages.Pictures;
using CpfPipeline.Matcher.Stores;
using Npgsql;

namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>Reads the page of a group. What is read is bounded, whatever the size of the group.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class GroupPageStore(NpgsqlDataSource dataSource)
{
    /// <summary>Pictures on a page.</summary>
    public const int PicturesPerPage = 48;

    /// <summary>Listings of a picture are counted up to this.</summary>
    public const int MaxListingsCounted = 1_000;

    private const int VerdictsShown = 50;
    private const int StepsShown = 20;
    private const int ModelsShown = 10;

    /// <summary>Pictures up to which it is computed where a group would come apart first.</summary>
    public const int MaxBridgeSize = 300;

    /// <summary>A page of a group; null when the model has no such group.</summary>
    /// <param name="model">The active model.</param>
    /// <param name="groupId">The group.</param>
    /// <param name="after">Content id after which the page begins; null: the first page.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<GroupPageData?> ReadAsync(ServingModel model, long groupId, long? after, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (await ReadHeadAsync(connection, model.ModelId, groupId, cancellationToken) is not { } head)
        {
            return null;
        }

        var ids = await GroupStore.ReadMemberIdsAsync(
            connection, model.ModelId, groupId, after ?? -1, PicturesPerPage + 1, cancellationToken);
        if (ids.Count == 0 && after is null)
        {
            return null; // It went while it was read.
        }

        long? next = ids.Count > PicturesPerPage ? ids[PicturesPerPage - 1] : null;
        ids = [.. ids.Take(PicturesPerPage)];
        var bridgeIds = head.Size is >= 2 and <= MaxBridgeSize
            ? await GroupStore.ReadMemberIdsAsync(connection, model.ModelId, groupId, -1, MaxBridgeSize, cancellationToken) : [];
        var likeness = await PictureStore.ReadLikenessAsync(
            connection, model, [.. ids.Union(bridgeIds).Append(head.Medoid)], cancellationToken);
        return new GroupPageData(
            model, head, await ReadPicturesAsync(connection, head, ids, likeness, cancellationToken), next, likeness.Among(ids),
            bridgeIds.Count >= 2 ? await ReadBridgeAsync(connection, model.ModelId, head, bridgeIds, likeness, cancellationToken) : null,
            await ReadVerdictsAsync(connection, ids, cancellationToken),
            await ReadModelsAsync(connection, ids, cancellationToken),
            await ReadStepsAsync(connection, ids, cancellationToken));
    }

    private static Task<GroupHead?> ReadHeadAsync(
        NpgsqlConnection connection, long modelId, long groupId, CancellationToken cancellationToken) =>
        connection.Sql(
            """
            select m.group_id, coalesce(g.size, 1), coalesce(g.min_pair_similarity, 1), coalesce(g.weakest_merge, 1),
                coalesce(g.medoid, m.group_id), g.changed_at, m.pending
            from cpf.group_members m
            left join cpf.groups g on g.model_id = m.model_id and g.group_id = m.group_id
            where m.model_id = $1 and m.group_id = $2
            limit 1
            """, [modelId, groupId]).FirstOrDefaultAsync(
            row => new GroupHead(
                row.GetInt64(0), row.GetInt32(1), row.GetDouble(2), row.GetDouble(3), row.GetInt64(4), row.GetOrNull<DateTimeOffset>(5),
                row.GetBoolean(6)), cancellationToken);

    // The medoid, then those most like it.
    private static async Task<IReadOnlyList<GroupMemberPicture>> ReadPicturesAsync(
        NpgsqlConnection connection, GroupHead head, IReadOnlyCollection<long> ids, PictureLikeness likeness,
        CancellationToken cancellationToken)
    {
        var pictures = await PictureStore.ReadAsync(connection, ids, PictureStore.ListingsShown, cancellationToken);
        var counts = (await connection.Sql(
            $"""
            select c.content_id, (
                select count(*)::integer from (
                    select from cpf.images i
                    where i.content_id = c.content_id and i.state = 'stored' and {SourcePlaceholderStore.Spares("i")} limit $2) as counted)
            from unnest($1::bigint[]) as c(content_id)
            """, [ids.ToArray(), MaxListingsCounted])
            .QueryAsync(row => (Id: row.GetInt64(0), Count: row.GetInt32(1)), cancellationToken)).ToDictionary(c => c.Id, c => c.Count);
        return
        [
            .. pictures.Select(p => new GroupMemberPicture(
                    p, counts[p.ContentId], likeness.Nearest(p.ContentId), likeness.Between(p.ContentId, head.Medoid)))
                .OrderBy(m => m.Picture.ContentId == head.Medoid ? 0 : 1).ThenByDescending(m => m.ToMedoid)
                .ThenBy(m => m.Picture.ContentId),
        ];
    }

    private static async Task<WeakestBridge?> ReadBridgeAsync(
        NpgsqlConnection connection, long modelId, GroupHead head, IReadOnlyCollection<long> members, PictureLikeness likeness,
        CancellationToken cancellationToken)
    {
        var merges = await connection.Sql(
            """
            select t."left", t."right", t.height, t."right" = any(cpf.verdict_merges($1, $2))
            from cpf.group_merges t
            where t.model_id = $1 and t."right" = any($2)
            """, [modelId, members.ToArray()]).QueryAsync(
            row => new GroupMerge(row.GetInt64(0), row.GetInt64(1), row.GetDouble(2), row.GetBoolean(3)), cancellationToken);
        if (GroupMerge.Last(merges, head.GroupId) is not { } last)
        {
            return null;
        }

        var right = GroupMerge.Part(merges, last.Right);
        List<long> left = [.. members.Where(m => !right.Contains(m))];
        var bridge = likeness.Bridge(left, right);
        return new WeakestBridge(last.Height, left.Count, right.Count, bridge?.Left, bridge?.Right, bridge?.Similarity ?? double.NaN);
    }

    private static Task<List<GroupVerdict>> ReadVerdictsAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
        connection.Sql(
            $"""
            select v.content_a, v.content_b, {ShownName.Of("v.content_a")}, {ShownName.Of("v.content_b")}, v.verdict, v.who, v.at, v.note
            from (select * from cpf.verdicts where content_a = any($1)
                  union
                  select * from cpf.verdicts where content_b = any($1)) as v
            order by v.at desc, v.content_a, v.content_b limit $2
            """, [ids.ToArray(), VerdictsShown]).QueryAsync(
            row => new GroupVerdict(
                row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5),
                row.GetFieldValue<DateTimeOffset>(6), row.GetStringOrNull(7)), cancellationToken);

    private static Task<List<GroupUnderModel>> ReadModelsAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
        connection.Sql(
            """
            select o.model_id, o.state, o.threshold, count(distinct m.group_id)::integer, count(*)::integer
            from (select * from cpf.models where state in ('active', 'shadow', 'retired') order by model_id desc limit $2) as o
            join cpf.group_members m on m.model_id = o.model_id and m.content_id = any($1)
            group by o.model_id, o.state, o.threshold
            order by o.model_id desc
            """, [ids.ToArray(), ModelsShown]).QueryAsync(
            row => new GroupUnderModel(row.GetInt64(0), row.GetString(1), row.GetDouble(2), row.GetInt32(3), row.GetInt32(4)),
            cancellationToken);

    private static Task<List<GroupStep>> ReadStepsAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
        connection.Sql(
            $"""
            select e.at, e.kind, {ShownName.Of("e.content_id")}, e.model_id, e.group_id
            from unnest($1::bigint[]) as c(content_id)
            cross join lateral (
                select * from cpf.group_events e where e.content_id = c.content_id order by e.seq desc limit $2) as e
            order by e.seq desc limit $2
            """, [ids.ToArray(), StepsShown]).QueryAsync(
            row => new GroupStep(
                row.GetFieldValue<DateTimeOffset>(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetOrNull<long>(4)),
            cancellationToken);
}
