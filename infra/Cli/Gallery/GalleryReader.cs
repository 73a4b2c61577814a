using System.Data;
using CpfPipeline.Data.Sql;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Cli.Gallery;

/// <summary>Reads the groups of a gallery, as one snapshot. What is read of a group is bounded, whatever its size.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class GalleryReader(NpgsqlDataSource dataSource)
{
    /// <summary>Pictures shown of a group.</summary>
    public const int MaxPictures = 12;

    /// <summary>Product keys shown of a group.</summary>
    public const int MaxKeys = 6;

    /// <summary>Listings shown of a picture.</summary>
    public const int MaxListings = 3;

    /// <summary>Listings of a picture are counted up to this.</summary>
    public const int MaxListingsCounted = 1_000;

    private const int MaxKeyedListings = 1_000;

    private const string OfSource = """
        ($1::text is null or g.group_id in (
            select m.group_id
            from cpf.models a
            join cpf.images i on i.state = 'stored' and i.source = $1
            join cpf.group_members m on m.model_id = a.model_id and m.content_id = i.content_id
            where a.state = 'active'))
        """;

    private const string Head = $"""
        select a.model_id, a.head_id, a.threshold, count(g.group_id), coalesce(sum(g.size), 0)::bigint
        from cpf.models a
        left join cpf.groups g on g.model_id = a.model_id and {OfSource}
        where a.state = 'active'
        group by a.model_id, a.head_id, a.threshold
        """;

    private const string Doubtful = "g.weakest_merge, g.group_id";
    private const string Largest = "-g.size, g.group_id";

    // Ids are hashes: the members with the smallest ones are as good as any.
    private const string Pictures = """
        select g.group_id, p.content_id, p.content_id = g.medoid,
               case when p.content_id = g.medoid then 1 else coalesce(
                   (select k.similarity from cpf.matches k
                    where k.head_id = $2
                      and k.content_a = least(p.content_id, g.medoid) and k.content_b = greatest(p.content_id, g.medoid)),
                   (select cpf.exact_similarity(a.embedding, b.embedding)
                    from cpf.embeddings a
                    join cpf.embeddings b on b.head_id = a.head_id and b.content_id = g.medoid
                    where a.head_id = $2 and a.content_id = p.content_id)) end,
               l.sources, l.external_ids, l.keys,
               (select count(*)::integer from (
                    select from cpf.images i where i.content_id = p.content_id and i.state = 'stored' limit $6) as counted)
        from unnest($3::bigint[], $4::bigint[]) as g(group_id, medoid)
        cross join lateral (
            select g.medoid as content_id
            union all
            (select m.content_id from cpf.group_members m
             where m.model_id = $1 and m.group_id = g.group_id and m.content_id <> g.medoid
             order by m.content_id limit $5)) as p
        join cpf.contents c on c.content_id = p.content_id and c.state = 'stored'
        cross join lateral (
            select array_agg(i.source) as sources, array_agg(i.external_id) as external_ids, array_agg(i.product_key) as keys
            from (select * from cpf.images i where i.content_id = p.content_id and i.state = 'stored'
                  order by i.source, i.external_id limit $7) as i) as l
        where l.sources is not null
        """;

    /// <summary>Model, counts and the groups of a gallery; null when no model is active.</summary>
    public async Task<(GalleryHead Head, IReadOnlyList<GalleryGroup> Groups)?> ReadAsync(
        GalleryRequest request, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var source = new NpgsqlParameter { Value = (object?)request.Source ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
        var head = await connection.Sql(Head, [source]).WithoutTimeout().FirstOrDefaultAsync(
            row => new GalleryHead(row.GetInt64(0), row.GetInt64(1), row.GetDouble(2), row.GetInt64(3), row.GetInt64(4)),
            cancellationToken);
        if (head is null)
        {
            return null;
        }

        var groups = await connection.Sql(Groups(request.Order), [source.Clone(), head.ModelId, request.Top]).WithoutTimeout().QueryAsync(
            row => (
                Medoid: row.GetInt64(3),
                Group: new GalleryGroup(
                    row.GetInt64(0), row.GetInt32(1), row.GetDouble(2), row.IsDBNull(4) ? [] : row.GetFieldValue<string[]>(4), [])),
            cancellationToken);
        var pictures = await ReadPicturesAsync(
            connection, head, [.. groups.Select(g => g.Group.GroupId)], [.. groups.Select(g => g.Medoid)], cancellationToken);
        return (head, [.. groups.Select(g => g.Group with { Pictures = [.. Sorted(pictures[g.Group.GroupId])] })]);
    }

    // Keys are looked for in a bounded number of listings: a giant group must not be read whole.
    private static string Groups(GalleryOrder order) => $"""
        with top as (
            select g.group_id, g.size, g.weakest_merge, g.medoid, row_number() over (order by {Keys(order)}) as place
            from cpf.groups g
            where g.model_id = $2 and {OfSource}
            order by {Keys(order)} limit $3
        )
        select t.group_id, t.size, t.weakest_merge, t.medoid, (
            select array_agg(k.product_key order by k.product_key collate "C")
            from (select distinct l.product_key collate "C" as product_key
                  from (select i.product_key
                        from cpf.group_members m
                        join cpf.images i on i.content_id = m.content_id and i.state = 'stored' and i.product_key is not null
                        where m.model_id = $2 and m.group_id = t.group_id
                        limit {MaxKeyedListings}) as l
                  order by 1 limit {MaxKeys} + 1) as k)
        from top t
        order by t.place
        """;

    private static string Keys(GalleryOrder order) => order == GalleryOrder.Size ? Largest : Doubtful;

    private static async Task<ILookup<long, GalleryPicture>> ReadPicturesAsync(
        NpgsqlConnection connection, GalleryHead head, long[] groups, long[] medoids, CancellationToken cancellationToken)
    {
        var rows = await connection.Sql(
            Pictures, [head.ModelId, head.HeadId, groups, medoids, MaxPictures - 1, MaxListingsCounted, MaxListings]).WithoutTimeout()
            .QueryAsync(
                row => (Group: row.GetInt64(0), Picture: new GalleryPicture(
                    row.GetInt64(1), row.GetBoolean(2), row.GetOrNull<double>(3), Listings(row, 4), row.GetInt32(7))), cancellationToken);
        return rows.ToLookup(r => r.Group, r => r.Picture);
    }

    private static IEnumerable<GalleryPicture> Sorted(IEnumerable<GalleryPicture> pictures) =>
        pictures.OrderByDescending(p => p.IsMedoid).ThenByDescending(p => p.ToMedoid).ThenBy(p => p.ContentId);

    private static ShownListing[] Listings(NpgsqlDataReader row, int column)
    {
        var (ids, keys) = (row.GetFieldValue<string[]>(column + 1), row.GetFieldValue<string?[]>(column + 2));
        return [.. row.GetFieldValue<string[]>(column).Select((source, i) => new ShownListing(source, ids[i], keys[i]))];
    }
}
