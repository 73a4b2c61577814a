using CpfPipeline.Data.Sql;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Cli.Listings;

/// <summary>Finds images by what users call them, and asks what the database knows of them.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class ListingStore(NpgsqlDataSource dataSource)
{
    /// <summary>The image of that name; of a SHA-256, the first live image that shows it.</summary>
    /// <exception cref="CommandException">There is none, or several (2).</exception>
    public async Task<Listing> FindAsync(ListingName name, CancellationToken cancellationToken)
    {
        var found = name.Checked().Sha256 is { } sha256
            ? await dataSource.Sql(
                """
                select i.image_id, i.source, i.external_id
                from cpf.contents c
                join cpf.images   i on i.content_id = c.content_id and i.state = 'stored'
                where c.sha256 = $1
                order by i.source, i.external_id
                limit 1
                """, [sha256]).QueryAsync(Read, cancellationToken)
            : await dataSource.Sql(
                """
                select i.image_id, i.source, i.external_id
                from unnest($1::text[], $2::text[]) as n(source, external_id)
                join cpf.images i on i.source = n.source and i.external_id = n.external_id
                order by i.source
                """, [Texts(name.Readings.Select(r => r.Source)), Texts(name.Readings.Select(r => r.ExternalId))])
                .QueryAsync(Read, cancellationToken);
        return found switch
        {
            [var one] => one,
            [] => throw CommandException.Usage(name.Sha256 is null
                ? $"there is no image {name.Text}" : $"no live image shows the picture {name.Text}"),
            _ => throw CommandException.Usage($"{name.Text} may be "
                + string.Join(" or ", found.Select(f => $"'{f.ExternalId}' of source '{f.Source}'")) + ": name it by its SHA-256"),
        };
    }

    /// <summary>Why two images are, or are not, in one group: a row about the pair, then the links of the chain between them.</summary>
    public async Task<IReadOnlyList<WhyStep>> ExplainAsync(Listing a, Listing b, CancellationToken cancellationToken) =>
        await dataSource.Sql(
            """
            select step, reason, explanation, source_a, external_id_a, source_b, external_id_b, similarity, threshold, verdict,
                   group_a, group_b, same_group
            from cpf.why($1, $2)
            order by step
            """, [a.ImageId, b.ImageId]).WithoutTimeout().QueryAsync(
            row => new WhyStep
            {
                Step = row.GetInt32(0),
                Reason = row.GetString(1),
                Explanation = row.GetString(2),
                A = Name(row.GetStringOrNull(3), row.GetStringOrNull(4)),
                B = Name(row.GetStringOrNull(5), row.GetStringOrNull(6)),
                Similarity = row.GetOrNull<double>(7),
                Threshold = row.GetDouble(8),
                Verdict = row.GetStringOrNull(9),
                GroupA = row.GetOrNull<long>(10),
                GroupB = row.GetOrNull<long>(11),
                SameGroup = row.GetOrNull<bool>(12) ?? false,
            },
            cancellationToken);

    /// <summary>The matched images nearest to one, the nearest first.</summary>
    public async Task<IReadOnlyList<SimilarListing>> FindSimilarAsync(Listing image, int count, CancellationToken cancellationToken) =>
        await dataSource.Sql(
            """
            select n.source, n.external_id, n.similarity, n.matches, i.uri
            from cpf.similar_images($1, $2) n
            join cpf.images i using (image_id)
            order by n.similarity desc, n.source, n.external_id
            """, [image.ImageId, count]).WithoutTimeout().QueryAsync(
            row => new SimilarListing(row.GetString(0), row.GetString(1), row.GetDouble(2), row.GetBoolean(3), row.GetString(4)),
            cancellationToken);

    // Within a chain a content may have lost its last live image.
    private static string Name(string? source, string? externalId) =>
        source is null ? "a picture that no live image shows" : $"{source}/{externalId}";

    private static NpgsqlParameter Texts(IEnumerable<string> texts) =>
        new() { Value = texts.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static Listing Read(NpgsqlDataReader row) => new(row.GetGuid(0), row.GetString(1), row.GetString(2));
}
