using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Sql;
using CpfPipeline.Matcher.Pages.Groups;
using Npgsql;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>Reads what the review pages show of pictures and pairs.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class PairStore(NpgsqlDataSource dataSource)
{
    private const int ListingsShown = 3;

    /// <summary>Given pairs; those of which a picture is not stored are left out.</summary>
    public async Task<IReadOnlyList<PairView>> ReadAsync(
        ServingModel model, IReadOnlyList<(long A, long B)> pairs, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        long[] ids = [.. pairs.SelectMany(p => new[] { p.A, p.B }).Distinct()];
        var pictures = (await ReadPicturesAsync(connection, ids, cancellationToken)).ToDictionary(p => p.ContentId);
        var embeddings = new Dictionary<long, Half[]>();
        await EmbeddingReader.ReadAsync(
            connection, model.HeadId, model.EmbeddingDim, ids, (id, _, embedding) => embeddings[id] = embedding.ToArray(),
            cancellationToken);
        var likeness = new GroupLikeness(embeddings);
        var verdicts = await connection.Sql(
            """
            select v.content_a, v.content_b, v.verdict, v.who, v.at
            from unnest($1::bigint[], $2::bigint[]) as p(a, b)
            join cpf.verdicts v on v.content_a = least(p.a, p.b) and v.content_b = greatest(p.a, p.b)
            """, [pairs.Select(p => p.A).ToArray(), pairs.Select(p => p.B).ToArray()]).QueryAsync(
            row => (Ends: (row.GetInt64(0), row.GetInt64(1)), Verdict: new StandingVerdict(
                row.GetString(2), row.GetString(3), row.GetFieldValue<DateTimeOffset>(4))), cancellationToken);
        var standing = verdicts.DistinctBy(v => v.Ends).ToDictionary(v => v.Ends, v => v.Verdict);
        return
        [
            .. pairs.Where(p => pictures.ContainsKey(p.A) && pictures.ContainsKey(p.B))
                .Select(p => new PairView(
                    pictures[p.A], pictures[p.B], likeness.Between(p.A, p.B),
                    standing.GetValueOrDefault((Math.Min(p.A, p.B), Math.Max(p.A, p.B))))),
        ];
    }

    /// <summary>Given pictures that are stored, by content id.</summary>
    public async Task<IReadOnlyList<PairPicture>> ReadPicturesAsync(
        IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await ReadPicturesAsync(connection, ids, cancellationToken);
    }

    private static Task<List<PairPicture>> ReadPicturesAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
        connection.Sql(
            """
            select c.content_id, encode(c.sha256, 'hex'), c.format, c.width, c.height, c.byte_length, l.sources, l.external_ids, l.keys
            from cpf.contents c
            cross join lateral (
                select array_agg(i.source) as sources, array_agg(i.external_id) as external_ids, array_agg(i.product_key) as keys
                from (select * from cpf.images i where i.content_id = c.content_id and i.state = 'stored'
                      order by i.source, i.external_id limit $2) as i) as l
            where c.content_id = any($1) and c.state = 'stored'
            order by c.content_id
            """, [ids.ToArray(), ListingsShown]).QueryAsync(
            row => new PairPicture(
                row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetInt32(4), row.GetInt64(5), Listings(row)),
            cancellationToken);

    private static Listing[] Listings(NpgsqlDataReader row)
    {
        if (row.IsDBNull(6))
        {
            return [];
        }

        var (ids, keys) = (row.GetFieldValue<string[]>(7), row.GetFieldValue<string?[]>(8));
        return [.. row.GetFieldValue<string[]>(6).Select((source, i) => new Listing(source, ids[i], keys[i]))];
    }
}
