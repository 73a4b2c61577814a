using CpfPipeline.Data.Sql;
using CpfPipeline.Ingest.Submissions;
using Npgsql;

namespace CpfPipeline.Ingest.Replays;

/// <summary>
/// Rejected images that can be asked for again. Uploads cannot: nobody has their bytes. Files that only their feed may read cannot either:
/// they come with the feed.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class RejectedImageStore(NpgsqlDataSource dataSource)
{
    private const string Chosen = """
        from cpf.images i
        where i.state = 'rejected' and i.reject_reason = any($1)
          and ($2::text is null or i.source = $2)
          and ($3::timestamptz is null or i.updated_at >= $3)
          and ($4::timestamptz is null or i.updated_at < $4)
          and (i.uri ~ '^(https?|s3):' or (i.uri like 'file:%' and i.feed_id is null))
        """;

    /// <summary>How many there are, by reason; the most first.</summary>
    public async Task<IReadOnlyList<(string Reason, long Count)>> CountAsync(
        IReadOnlyCollection<string> reasons, string? source, DateTimeOffset? since, DateTimeOffset? until,
        CancellationToken cancellationToken) =>
        await dataSource.Sql(
            $"select i.reject_reason, count(*) {Chosen} group by i.reject_reason order by count(*) desc, i.reject_reason",
            [reasons.ToArray(), source, since, until])
            .WithoutTimeout().QueryAsync(row => (row.GetString(0), row.GetInt64(1)), cancellationToken);

    /// <summary>A page of them, by their ids.</summary>
    public async Task<IReadOnlyList<RejectedImage>> ReadAsync(
        IReadOnlyCollection<string> reasons, string? source, DateTimeOffset? since, DateTimeOffset? until, Guid after, int limit,
        CancellationToken cancellationToken) =>
        await dataSource.Sql(
            $"""
            select i.source, i.external_id, i.uri, i.product_key, i.key_scope, i.revision, i.reject_reason, i.reject_detail, i.updated_at
            {Chosen} and i.image_id > $5
            order by i.image_id
            limit $6
            """, [reasons.ToArray(), source, since, until, after, limit])
            .WithoutTimeout().QueryAsync(
                row => new RejectedImage(
                    new ImageEntry
                    {
                        Source = row.GetString(0),
                        ExternalId = row.GetString(1),
                        Uri = row.GetString(2),
                        ProductKey = row.GetStringOrNull(3),
                        KeyScope = row.GetString(4),
                        Revision = row.GetInt64(5),
                    },
                    row.GetString(6), row.GetStringOrNull(7), row.GetFieldValue<DateTimeOffset>(8)),
                cancellationToken);
}
