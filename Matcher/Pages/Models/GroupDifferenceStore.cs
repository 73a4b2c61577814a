using CpfPipeline.Data.Sql;
using CpfPipeline.Matcher.Pages.Pictures;
using Npgsql;

namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>
/// How the groups of two models differ, over the pictures that both know. It walks over the groups of both by rising id and looks at a
/// bounded number of them a page, so it costs the same however many groups there are.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class GroupDifferenceStore(NpgsqlDataSource dataSource)
{
    /// <summary>Groups looked at a page, at most.</summary>
    internal const int MaxLooked = 4_000;

    /// <summary>Pictures of one difference that are followed, at most.</summary>
    internal const int MaxContents = 2_000;

    /// <summary>Groups from which a page follows others, at most.</summary>
    internal const int MaxFollowed = 200;

    // Rows that a page reads while it follows, at most, but for the last difference.
    private const int MaxRows = 50_000;

    private const int GroupsPerLook = 500;
    private const int PartsShown = 6;
    private const int PicturesShown = 6;

    // A group is changed when its pictures are in several groups of the other model, or in one that holds others as well.
    private const string Look = """
        with next as materialized (
            select u.group_id
            from ((select group_id from cpf.groups where model_id = $1 and group_id > $3 order by group_id limit $4)
                  union
                  (select group_id from cpf.groups where model_id = $2 and group_id > $3 order by group_id limit $4)) as u
            order by u.group_id limit $4
        )
        select n.group_id,
            coalesce(b.low <> b.high, false) or coalesce(a.low <> a.high, false)
            or exists (
                select from cpf.group_members p
                join cpf.group_members q on q.model_id = $1 and q.content_id = p.content_id
                where p.model_id = $2 and p.group_id = b.low and q.group_id <> n.group_id)
            or exists (
                select from cpf.group_members p
                join cpf.group_members q on q.model_id = $2 and q.content_id = p.content_id
                where p.model_id = $1 and p.group_id = a.low and q.group_id <> n.group_id),
            b.low, a.low
        from next n
        cross join lateral (
            select min(o.group_id) as low, max(o.group_id) as high
            from cpf.group_members m join cpf.group_members o on o.model_id = $2 and o.content_id = m.content_id
            where m.model_id = $1 and m.group_id = n.group_id) as b
        cross join lateral (
            select min(o.group_id) as low, max(o.group_id) as high
            from cpf.group_members m join cpf.group_members o on o.model_id = $1 and o.content_id = m.content_id
            where m.model_id = $2 and m.group_id = n.group_id) as a
        order by n.group_id
        """;

    /// <summary>A page of differences, in rising order of their names.</summary>
    /// <param name="before">The model of the groups before.</param>
    /// <param name="after">The model of the groups after.</param>
    /// <param name="afterGroup">Only differences behind this one.</param>
    /// <param name="limit">Differences at most.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<GroupDifferences> ReadAsync(long before, long after, long afterGroup, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var found = new List<Linked>();
        var followed = new Followed();
        var (place, looked) = (afterGroup, 0);
        long? next = null;
        while (next is null && looked < MaxLooked)
        {
            var groups = await connection.Sql(Look, [before, after, place, GroupsPerLook]).QueryAsync(
                row => (
                    GroupId: row.GetInt64(0), IsChanged: row.GetBoolean(1), Then: row.GetOrNull<long>(2), Was: row.GetOrNull<long>(3)),
                cancellationToken);
            foreach (var (groupId, isChanged, then, was) in groups)
            {
                if (found.Count == limit)
                {
                    next = place;
                    break;
                }

                (place, looked) = (groupId, looked + 1);
                if (!isChanged || followed.Knows(groupId, then, was))
                {
                    continue;
                }

                if (await FollowAsync(connection, before, after, groupId, followed, cancellationToken) is { } linked)
                {
                    found.Add(linked);
                }

                if (followed is { Count: >= MaxFollowed } or { Rows: >= MaxRows })
                {
                    return new GroupDifferences(await DescribeAsync(connection, found, cancellationToken), place, looked, IsShort: true);
                }
            }

            if (next is null && groups.Count < GroupsPerLook)
            {
                return new GroupDifferences(await DescribeAsync(connection, found, cancellationToken), null, looked);
            }
        }

        return new GroupDifferences(await DescribeAsync(connection, found, cancellationToken), next ?? place, looked);
    }

    // Everything that shares pictures with the group, directly or over others; null when a group of a smaller id is part of it, which
    // stands for it.
    private static async Task<Linked?> FollowAsync(
        NpgsqlConnection connection, long before, long after, long groupId, Followed followed, CancellationToken cancellationToken)
    {
        followed.Count++;
        var contents = new Dictionary<long, (long Before, long After)>();
        var (seenBefore, seenAfter) = (new HashSet<long> { groupId }, new HashSet<long> { groupId });
        var (newBefore, newAfter) = (new HashSet<long> { groupId }, new HashSet<long> { groupId });
        while (newBefore.Count + newAfter.Count > 0 && contents.Count < MaxContents)
        {
            var rows = await connection.Sql(
                """
                (select m.content_id, m.group_id, o.group_id
                 from cpf.group_members m join cpf.group_members o on o.model_id = $2 and o.content_id = m.content_id
                 where m.model_id = $1 and m.group_id = any($3) limit $5)
                union
                (select m.content_id, o.group_id, m.group_id
                 from cpf.group_members m join cpf.group_members o on o.model_id = $1 and o.content_id = m.content_id
                 where m.model_id = $2 and m.group_id = any($4) limit $5)
                """, [before, after, newBefore.ToArray(), newAfter.ToArray(), MaxContents]).QueryAsync(
                row => (Content: row.GetInt64(0), Before: row.GetInt64(1), After: row.GetInt64(2)), cancellationToken);
            followed.Rows += rows.Count;
            (newBefore, newAfter) = ([], []);
            foreach (var row in rows)
            {
                contents[row.Content] = (row.Before, row.After);
                if (seenBefore.Add(row.Before))
                {
                    newBefore.Add(row.Before);
                }

                if (seenAfter.Add(row.After))
                {
                    newAfter.Add(row.After);
                }
            }
        }

        followed.Groups.UnionWith(seenBefore);
        followed.Groups.UnionWith(seenAfter);
        var smallest = await connection.Sql(
            """
            select min(group_id) from (
                select group_id from cpf.groups where model_id = $1 and group_id = any($3)
                union all
                select group_id from cpf.groups where model_id = $2 and group_id = any($4)) as g
            """, [before, after, seenBefore.ToArray(), seenAfter.ToArray()]).ScalarAsync<long?>(cancellationToken);
        return smallest == groupId ? new Linked(groupId, contents, contents.Count >= MaxContents) : null;
    }

    private static async Task<IReadOnlyList<GroupDifference>> DescribeAsync(
        NpgsqlConnection connection, List<Linked> found, CancellationToken cancellationToken)
    {
        var sides = found.Select(f => (f, Before: Parts(f, c => c.Before), After: Parts(f, c => c.After))).ToList();
        var pictures = (await PictureStore.ReadAsync(
            connection, [.. sides.SelectMany(s => Shown(s.Before).Concat(Shown(s.After))).SelectMany(Contents).Distinct()],
            maxListings: 1, cancellationToken)).ToDictionary(p => p.ContentId);
        return
        [
            .. sides.Select(s => new GroupDifference(
                s.f.GroupId,
                GroupComparison.KindOf([.. s.Before.Select(p => p.Contents.Count)], [.. s.After.Select(p => p.Contents.Count)]),
                Describe(s.Before), s.Before.Count, Describe(s.After), s.After.Count, s.f.IsCut)),
        ];

        IReadOnlyList<GroupPart> Describe(IEnumerable<LinkedPart> parts) =>
        [
            .. Shown(parts).Select(p => new GroupPart(
                p.GroupId, p.Contents.Count, [.. Contents(p).Where(pictures.ContainsKey).Select(c => pictures[c])])),
        ];

        static IEnumerable<LinkedPart> Shown(IEnumerable<LinkedPart> parts) => parts.Take(PartsShown);

        static IEnumerable<long> Contents(LinkedPart part) => part.Contents.Take(PicturesShown);
    }

    private static List<LinkedPart> Parts(Linked linked, Func<(long Before, long After), long> side) =>
    [
        .. linked.Contents.GroupBy(c => side(c.Value), c => c.Key).Select(g => new LinkedPart(g.Key, [.. g.Order()]))
            .OrderByDescending(p => p.Contents.Count).ThenBy(p => p.GroupId),
    ];

    /// <summary>
    /// What a page has followed already. A group is named by its smallest picture, so groups of both models with one name share it, and
    /// one set does for both.
    /// </summary>
    private sealed class Followed
    {
        /// <summary>Groups that hang together with one that was followed, which stands for them.</summary>
        public HashSet<long> Groups { get; } = [];

        /// <summary>How often was followed.</summary>
        public int Count { get; set; }

        /// <summary>Rows read for it.</summary>
        public int Rows { get; set; }

        /// <summary>Whether a group, or one that it shares a picture with, is known; it is afterwards.</summary>
        public bool Knows(long groupId, long? then, long? was)
        {
            var knows = Groups.Contains(groupId) || (then is { } t && Groups.Contains(t)) || (was is { } w && Groups.Contains(w));
            if (knows)
            {
                Groups.Add(groupId);
            }

            return knows;
        }
    }

    private sealed record Linked(long GroupId, Dictionary<long, (long Before, long After)> Contents, bool IsCut);

    private sealed record LinkedPart(long GroupId, List<long> Contents);
}
