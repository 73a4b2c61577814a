using CpfPipeline.Data.Models;
using CpfPipeline.Data.Sql;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Pictures;
using Npgsql;

namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>
/// What a higher threshold would do to the groups of a model: its stored merges, cut. A lower one needs pairs that are not stored. Both
/// answers are bounded: what comes undone is found by the index on heights, never by a look at all groups.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class WhatIfStore(NpgsqlDataSource dataSource)
{
    /// <summary>Merges that come undone up to which groups are counted.</summary>
    internal const int MaxUndone = 10_000;

    /// <summary>Pictures of a group up to which its parts are shown.</summary>
    internal const int MaxShownSize = 2_000;

    private const int MaxLooked = 400;
    private const int PartsShown = 8;
    private const int PicturesShown = 6;

    /// <summary>How many groups there would be.</summary>
    public async Task<WhatIfCounts> CountAsync(ServingModel model, double threshold, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var (now, hasPending) = await connection.Sql(
            """
            select (select count(*) from cpf.groups where model_id = $1),
                   exists (select from cpf.group_members where model_id = $1 and pending)
            """, [model.ModelId]).FirstAsync(row => (row.GetInt64(0), row.GetBoolean(1)), cancellationToken);

        if (await connection.Sql(
            "select count(*) from (select from cpf.group_merges where model_id = $1 and height < $2 limit $3) as u",
            [model.ModelId, threshold, MaxUndone]).ScalarAsync<long>(cancellationToken) == MaxUndone)
        {
            return new WhatIfCounts(now, null, null, hasPending);
        }

        // A cluster keeps the name of its smallest picture. So each merge that comes undone leaves a cluster of the name that was merged
        // away; the names that stay are those of groups. Each of them is a group then if any merge into it stays.
        return await connection.Sql(
            """
            with held as materialized (
                select unnest(cpf.verdict_merges($1)) as "right"
            ), undone as materialized (
                select t."right", m.group_id
                from cpf.group_merges t
                join cpf.group_members m on m.model_id = $1 and m.content_id = t."right" and not m.pending
                where t.model_id = $1 and t.height < $2 and t."right" not in (select "right" from held)
            ), changed as (
                select distinct group_id from undone
            ), left_over as (
                select "right" as name, 1 as is_new from undone
                union all
                select group_id, 0 from changed
            ), kept as (
                select l.name, l.is_new
                from left_over l
                where exists (
                    select from cpf.group_merges k
                    where k.model_id = $1 and k."left" = l.name
                        and (k.height >= $2 or k."right" in (select "right" from held)))
            )
            select (select count(*) from changed), (select count(*) from kept)
            """, [model.ModelId, threshold]).FirstAsync(
            row => new WhatIfCounts(now, now - row.GetInt64(0) + row.GetInt64(1), row.GetInt64(0), hasPending), cancellationToken);
    }

    /// <summary>A page of the groups that would change, the weakest first.</summary>
    /// <param name="model">The model.</param>
    /// <param name="threshold">At or above its own.</param>
    /// <param name="after">Only groups behind this place; null: from the start.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<WhatIfGroups> ReadAsync(
        ServingModel model, double threshold, ListPlace<long>? after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var candidates = await connection.Sql(
            """
            select g.group_id, g.size, g.weakest_merge
            from cpf.groups g
            where g.model_id = $1 and g.weakest_merge < $2 and (g.weakest_merge, g.group_id) > ($3, $4)
            order by g.weakest_merge, g.group_id limit $5
            """,
            [
                model.ModelId, threshold, after is { Key: double height } ? height : double.NegativeInfinity,
                after?.Id ?? -1, MaxLooked,
            ]).QueryAsync(row => (Id: row.GetInt64(0), Size: row.GetInt32(1), Weakest: row.GetDouble(2)), cancellationToken);

        // Groups that only verdicts hold at their weakest merge do not change, so a page may take a few looks.
        var groups = new List<WhatIfGroup>();
        foreach (var chunk in candidates.Chunk(limit))
        {
            var cuts = await CutAsync(
                connection, model.ModelId, [.. chunk.Where(c => c.Size <= MaxShownSize).Select(c => c.Id)], threshold, cancellationToken);
            var pictures = (await PictureStore.ReadAsync(
                connection, [.. cuts.Values.SelectMany(p => p.Take(PartsShown)).SelectMany(p => p.Take(PicturesShown)).Distinct()],
                maxListings: 1, cancellationToken)).ToDictionary(p => p.ContentId);
            foreach (var (id, size, weakest) in chunk)
            {
                if (cuts.TryGetValue(id, out var parts) ? parts.Count > 1 : size > MaxShownSize)
                {
                    parts ??= [];
                    groups.Add(new WhatIfGroup(
                        id, size, weakest,
                        [
                            .. parts.Take(PartsShown).Select(p => new GroupPart(
                                p[0], p.Count, [.. p.Take(PicturesShown).Where(pictures.ContainsKey).Select(c => pictures[c])])),
                        ],
                        parts.Count, parts.Count(p => p.Count > 1)));
                    if (groups.Count == limit)
                    {
                        var isLast = candidates.Count < MaxLooked && candidates[^1].Id == id;
                        return new WhatIfGroups(groups, isLast ? null : new ListPlace<long>(weakest, id));
                    }
                }
            }
        }

        return new WhatIfGroups(
            groups, candidates.Count < MaxLooked ? null : new ListPlace<long>(candidates[^1].Weakest, candidates[^1].Id));
    }

    // Parts by group, the largest first; of a group with pending pictures none, because it stays as it is.
    private static async Task<Dictionary<long, List<IReadOnlyList<long>>>> CutAsync(
        NpgsqlConnection connection, long modelId, long[] groupIds, double threshold, CancellationToken cancellationToken)
    {
        var rows = await connection.Sql(
            """
            with members as materialized (
                select m.group_id, m.content_id, m.pending from cpf.group_members m where m.model_id = $1 and m.group_id = any($2)
            ), held as materialized (
                select unnest(cpf.verdict_merges($1, (select array_agg(content_id) from members))) as "right"
            )
            select m.group_id, m.content_id, m.pending, t."left", coalesce(t.height, 0), m.content_id in (select "right" from held)
            from members m
            left join cpf.group_merges t on t.model_id = $1 and t."right" = m.content_id and m.content_id <> m.group_id
            """, [modelId, groupIds]).QueryAsync(
            row => (Group: row.GetInt64(0), IsPending: row.GetBoolean(2), Content: new MergedContent(
                row.GetInt64(1), row.GetOrNull<long>(3), row.GetDouble(4), row.GetBoolean(5))), cancellationToken);
        return rows.GroupBy(r => r.Group).ToDictionary(
            g => g.Key,
            g => g.Any(r => r.IsPending)
                ? []
                : MergeCut.Parts([.. g.Select(r => r.Content)], threshold).Values
                    .OrderByDescending(p => p.Count).ThenBy(p => p[0]).ToList());
    }
}
