using CpfPipeline.Data.Sql;
using CpfPipeline.Ingest.Submissions;
using Npgsql;

namespace CpfPipeline.Ingest.Replays;

/// <summary>
/// Rejected images, and live ones whose newest update failed. Some cannot be asked for again: uploads, because nobody has their bytes;
/// files that only their feed may read, because they come with the feed; and updates that failed before their address was kept.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class FailedImageStore(NpgsqlDataSource dataSource)
{
    private const string IsWithinReach = "(uri ~* '^(https?|s3):' or (uri ~* '^file:' and feed_id is null))";

    // Both by their time, each by an index.
    private const string Rejected = """
        select image_id, source, external_id, uri, product_key, key_scope, revision, reject_reason as reason, reject_detail as detail,
               updated_at as at, feed_id, false as is_update
        from cpf.images
        where state = 'rejected' and reject_reason = any($1) and revision > -9223372036854775808
          and ($2::text is null or source = $2) and updated_at < $3 and (updated_at, image_id) > ($4, $5)
        """;

    private const string Updates = """
        select image_id, source, external_id, coalesce(failed_uri, '') as uri, failed_product_key as product_key,
               coalesce(failed_key_scope, key_scope) as key_scope, failed_revision as revision, failed_reason as reason,
               failed_detail as detail, failed_at as at, feed_id, true as is_update
        from cpf.images
        where failed_reason = any($1) and state = 'stored' and failed_revision is not null
          and ($2::text is null or source = $2) and failed_at < $3 and (failed_at, image_id) > ($4, $5)
        """;

    /// <summary>The database's time: what fails from now on is no part of a replay that begins now.</summary>
    public async Task<DateTimeOffset> ReadTimeAsync(CancellationToken cancellationToken) =>
        (await dataSource.Sql("select now()").QueryAsync(row => row.GetFieldValue<DateTimeOffset>(0), cancellationToken))[0];

    /// <summary>How many there are, and how many of them cannot be asked for again.</summary>
    public async Task<(long Count, long OutOfReach)> CountAsync(
        IReadOnlyCollection<string> reasons, ReplayFilter filter, DateTimeOffset until, CancellationToken cancellationToken) =>
        (await dataSource.Sql(
            $"""
            select count(*) filter (where {IsWithinReach}), count(*) filter (where not {IsWithinReach})
            from ({Rejected} union all {Updates}) as f
            """, [reasons.ToArray(), filter.Source, until, Start(filter), Guid.Empty])
            .WithoutTimeout().QueryAsync(row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken))[0];

    /// <summary>A page of those that can be asked for again, the oldest first.</summary>
    /// <param name="reasons">Reason codes.</param>
    /// <param name="filter">Gives the source and since when.</param>
    /// <param name="until">Failed before this time.</param>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="limit">Rows of the page.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<AskedAgain>> ReadAsync(
        IReadOnlyCollection<string> reasons, ReplayFilter filter, DateTimeOffset until, AskedAgain? after, int limit,
        CancellationToken cancellationToken) =>
        await dataSource.Sql(
            $"""
            select source, external_id, uri, product_key, key_scope, revision, reason, detail, at, is_update
            from ((select * from ({Rejected}) r where {IsWithinReach} order by at, image_id limit $6)
                  union all
                  (select * from ({Updates}) u where {IsWithinReach} order by at, image_id limit $6)) as f
            order by at, image_id
            limit $6
            """, [reasons.ToArray(), filter.Source, until, after?.FailedAt ?? Start(filter), after?.Entry.ImageId ?? Guid.Empty, limit])
            .WithoutTimeout().QueryAsync(
                row => new AskedAgain(
                    new ImageEntry
                    {
                        Source = row.GetString(0),
                        ExternalId = row.GetString(1),
                        Uri = row.GetString(2),
                        ProductKey = row.GetStringOrNull(3),
                        KeyScope = row.GetString(4),
                        Revision = row.GetInt64(5),
                    },
                    row.GetString(6), row.GetStringOrNull(7), row.GetFieldValue<DateTimeOffset>(8), row.GetBoolean(9)),
                cancellationToken);

    // No image has the id of zeros, so that all of that time come after it.
    private static DateTimeOffset Start(ReplayFilter filter) => filter.Since?.ToUniversalTime() ?? DateTimeOffset.UnixEpoch;
}
