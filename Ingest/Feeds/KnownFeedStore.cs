using System.Globalization;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Data.Sql;
using CpfPipeline.Ingest.Downloads;
using CpfPipeline.Ingest.Fetching;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>
/// Tells whether reading a feed anew could change anything. It could not when the same content was applied wholly before, nothing of it
/// failed, and no image of the source has been changed by anybody else since that feed was begun.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class KnownFeedStore(NpgsqlDataSource dataSource)
{
    // The newest feed of this origin that was read to its end, or, if that one only repeated another, the other.
    private const string Former = """
        with last as (
            select f.feed_id, f.unchanged_since, f.etag, f.last_modified
            from cpf.feeds f
            where f.source = $1 and f.url is not distinct from $2 and f.path is not distinct from $3 and f.state = 'finished'
            order by f.feed_id desc
            limit 1
        )
        select b.feed_id, b.sha256, l.etag, l.last_modified, b.quiet_since, b.live_after, b.revision
        from last l
        join cpf.feeds b on b.feed_id = coalesce(l.unchanged_since, l.feed_id)
        where b.live_after is not null and b.sha256 is not null and b.quiet_since is not null
          and ($4 = 'auto' or b.format = $4) and (b.snapshot or not $5)
          and ($6::bytea is null or b.sha256 = $6)
          and b.global_keys = $7 and b.reads_files = $8
        """;

    // What was written between the hand-in and the start of the former feed outranks it. Pictures that were fetched long ago are due to be
    // fetched again.
    private const string IsAsLeft = """
        select count(*) filter (where state = 'stored') = $4
               and not coalesce(bool_or(
                   (feed_id is distinct from $2 and (updated_at >= $3 or revision > $6))
                   or state in ('received', 'rejected')
                   or failed_reason is not null
                   or (state = 'stored' and (fetched_at is null or fetched_at < $5))), false)
        from cpf.images
        where source = $1
        """;

    // A file that several images show is told once, with the earliest time.
    private const string Files = """
        select i.uri, min(i.fetched_at), c.byte_length
        from cpf.images i
        join cpf.contents c on c.content_id = i.content_id
        where i.source = $1 and i.state = 'stored' and i.uri like 'file:%'
        group by i.uri, c.byte_length
        """;

    /// <summary>
    /// The former feed that this one need not be read after if it has the same content; or null. When the hash of this one is known
    /// already, only one of the same content.
    /// </summary>
    /// <param name="feed">A feed of which nothing was read yet; otherwise null comes of it.</param>
    /// <param name="fetchedSince">A picture that was fetched before this time is to be fetched again.</param>
    /// <param name="files">The feed's hash does not cover pictures in files: these are compared one by one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<KnownFeed?> FindAsync(
        Feed feed, DateTimeOffset fetchedSince, FileComparison files, CancellationToken cancellationToken)
    {
        if (feed.Refetch || feed.RowsTotal is not null)
        {
            return null;
        }

        var path = feed.Url is null ? feed.Path : null;
        var sha256 = new NpgsqlParameter { Value = (object?)feed.Sha256 ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea };
        var former = await dataSource.Sql(Former, [
                feed.Source, Text(feed.Url), Text(path), feed.Format, feed.Snapshot, sha256, feed.GlobalKeys, feed.ReadsFiles,
            ]).FirstOrDefaultAsync(
            row => new
            {
                Known = new KnownFeed(row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetStringOrNull(2), row.GetStringOrNull(3)),
                QuietSince = row.GetFieldValue<DateTimeOffset>(4), Live = row.GetInt64(5),
                Revision = row.GetInt64(6),
            },
            cancellationToken);
        return former is not null
            && await dataSource.Sql(
                IsAsLeft, [feed.Source, former.Known.FeedId, former.QuietSince, former.Live, fetchedSince, former.Revision])
                .WithoutTimeout().ScalarAsync<bool>(cancellationToken)
            && await AreSameAsync(feed.Source, files, cancellationToken)
            ? former.Known
            : null;
    }

    /// <summary>
    /// Notes the hash of a local feed's file, or of what a folder lists. The rows that were counted in another one count no more.
    /// </summary>
    /// <param name="feedId">The feed.</param>
    /// <param name="sha256">The hash.</param>
    /// <param name="bytes">Bytes of the file; null for a folder.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task NoteHashAsync(long feedId, byte[] sha256, long? bytes, CancellationToken cancellationToken) =>
        dataSource.Sql(
            """
            update cpf.feeds
            set sha256 = $2, bytes_total = $3, rows_total = case when sha256 = $2 then rows_total end
            where feed_id = $1
            """,
            [feedId, sha256, new NpgsqlParameter { Value = (object?)bytes ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint }])
            .ExecuteAsync(cancellationToken);

    /// <summary>Notes that the feed changed while it was read, so that nobody knows what was applied.</summary>
    public Task ForgetHashAsync(long feedId, CancellationToken cancellationToken) =>
        dataSource.Sql("update cpf.feeds set sha256 = null where feed_id = $1", [feedId]).ExecuteAsync(cancellationToken);

    /// <summary>Notes, when nothing of it failed, how the feed leaves its source.</summary>
    public Task NoteEndAsync(long feedId, CancellationToken cancellationToken) =>
        dataSource.Sql(
            """
            update cpf.feeds f
            set live_after = (select count(*) from cpf.images i where i.source = f.source and i.state = 'stored')
            where f.feed_id = $1 and f.rejected = 0 and f.unreadable = 0 and f.duplicates = 0 and f.sha256 is not null
            """, [feedId]).WithoutTimeout().ExecuteAsync(cancellationToken);

    /// <summary>Ends a feed that says what a former one said.</summary>
    /// <param name="feedId">The feed.</param>
    /// <param name="known">The former one.</param>
    /// <param name="why">How that is known.</param>
    /// <param name="findings">What was found besides rows this time; null when nobody looked: then as the former one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Its message.</returns>
    /// <exception cref="FeedTakenException">It was cancelled meanwhile.</exception>
    public async Task<string> RepeatAsync(
        long feedId, KnownFeed known, string why, IReadOnlyCollection<string>? findings, CancellationToken cancellationToken)
    {
        var message = string.Create(CultureInfo.InvariantCulture, $"Unchanged since feed {known.FeedId}: {why}; nothing was read.");
        return await dataSource.Sql(
            """
            update cpf.feeds f
            set state = 'finished', message = $3, finished_at = now(), next_attempt_at = null, unchanged_since = b.feed_id,
                format = b.format, charset = b.charset, sha256 = b.sha256, bytes_total = b.bytes_total,
                bytes_read = coalesce(b.bytes_total, 0), rows_total = b.rows_total, rows_read = b.rows_read, unchanged = b.rows_read,
                findings = coalesce($6, b.findings),
                etag = coalesce(f.etag, $4), last_modified = coalesce(f.last_modified, $5)
            from cpf.feeds b
            where f.feed_id = $1 and f.state = 'running' and b.feed_id = $2
            """, [
                feedId, known.FeedId, message, Text(known.ETag), Text(known.LastModified),
                new NpgsqlParameter
                {
                    Value = (object?)findings?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
                },
            ]).ExecuteAsync(cancellationToken) == 1
            ? message
            : throw new FeedTakenException(feedId);
    }

    private async Task<bool> AreSameAsync(string source, FileComparison files, CancellationToken cancellationToken)
    {
        var areSame = true;
        await dataSource.Sql(Files, [source]).WithoutTimeout().ForEachAsync(
            row => areSame = areSame && files.IsSame(row.GetString(0), row.GetFieldValue<DateTimeOffset>(1), row.GetInt64(2)),
            cancellationToken);
        return areSame;
    }

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
