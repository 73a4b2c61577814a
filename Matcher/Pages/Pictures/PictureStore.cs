using CpfPipeline.Data.Contents;
using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Pages.Pictures;

/// <summary>Reads pictures as pages show them.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class PictureStore(NpgsqlDataSource dataSource)
{
    /// <summary>Listings of a picture that a page shows when it shows all that is known of it.</summary>
    public const int ListingsShown = 3;

    /// <summary>Given pictures that are stored, by content id.</summary>
    public async Task<IReadOnlyList<ShownPicture>> ReadAsync(IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await ReadAsync(connection, contentIds, ListingsShown, cancellationToken);
    }

    /// <summary>Given pictures that are stored, by content id, on the caller's connection.</summary>
    /// <param name="connection">Connection.</param>
    /// <param name="contentIds">The pictures.</param>
    /// <param name="maxListings">Listings of each, at most.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<IReadOnlyList<ShownPicture>> ReadAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> contentIds, int maxListings, CancellationToken cancellationToken) =>
        await connection.Sql(
            $"""
            select c.content_id, {ShownName.Of("c.content_id")}, c.format, c.width, c.height, c.byte_length, l.sources, l.external_ids,
                l.keys
            from cpf.contents c
            cross join lateral (
                select array_agg(i.source) as sources, array_agg(i.external_id) as external_ids, array_agg(i.product_key) as keys
                from (select * from cpf.images i where i.content_id = c.content_id and i.state = 'stored'
                      order by i.source, i.external_id limit $2) as i) as l
            where c.content_id = any($1) and c.state = 'stored'
            order by c.content_id
            """, [contentIds.ToArray(), maxListings]).QueryAsync(
            row => new ShownPicture(
                row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetInt32(4), row.GetInt64(5), Listings(row, 6)),
            cancellationToken);

    /// <summary>Those of given pictures that are placeholders now, whether a person said so or a rule.</summary>
    public async Task<IReadOnlySet<long>> ReadPlaceholdersAsync(
        IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        var placeholders = await dataSource.Sql(
            "select t.content_id from unnest($1::bigint[]) as t(content_id) where cpf.is_placeholder(t.content_id)",
            [contentIds.ToArray()]).QueryAsync(row => row.GetInt64(0), cancellationToken);
        return placeholders.ToHashSet();
    }

    /// <summary>How alike given pictures are; those without an embedding are left out.</summary>
    public static async Task<PictureLikeness> ReadLikenessAsync(
        NpgsqlConnection connection, ServingModel model, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        var embeddings = new Dictionary<long, Half[]>();
        await EmbeddingReader.ReadAsync(
            connection, model.HeadId, model.EmbeddingDim, contentIds, (id, _, embedding) => embeddings[id] = embedding.ToArray(),
            cancellationToken);
        return new PictureLikeness(embeddings);
    }

    private static Listing[] Listings(NpgsqlDataReader row, int column)
    {
        if (row.IsDBNull(column))
        {
            return [];
        }

        var (ids, keys) = (row.GetFieldValue<string[]>(column + 1), row.GetFieldValue<string?[]>(column + 2));
        return [.. row.GetFieldValue<string[]>(column).Select((source, i) => new Listing(source, ids[i], keys[i]))];
    }
}
