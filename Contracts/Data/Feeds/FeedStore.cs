using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Sql;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Data.Feeds;

/// <summary>Feeds, their progress and their rejections.</summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class FeedStore(NpgsqlDataSource dataSource)
{
    private const int MaxRejections = 10_000;
    private const int MaxExamples = 3;

    private const string Columns = """
        feed_id, source, path, format, keys_path, snapshot, state, revision, rows_total, rows_read, unchanged, stored, rejected, retracted,
        message, submitted_at, started_at, finished_at, unreadable, duplicates, findings, max_retract_share,
        url, refetch, schedule, charset, sha256, bytes_total, bytes_read, bytes_downloaded, attempts, next_attempt_at, unchanged_since
        """;

    /// <summary>Queues a feed.</summary>
    /// <returns>Its id.</returns>
    public async Task<long> AddAsync(NewFeed feed, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await AddAsync(connection, feed, cancellationToken);
    }

    /// <summary>Queues a feed in the caller's transaction.</summary>
    /// <returns>Its id.</returns>
    public static Task<long> AddAsync(NpgsqlConnection connection, NewFeed feed, CancellationToken cancellationToken) =>
        connection.Sql(
            """
            insert into cpf.feeds (source, path, format, keys_path, snapshot, revision, max_retract_share, url, refetch, schedule)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            returning feed_id
            """, [
                feed.Source, Text(feed.Path), feed.Format, Text(feed.KeysPath), feed.Snapshot, feed.Revision,
                new NpgsqlParameter { Value = (object?)feed.MaxRetractShare ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Double },
                Text(feed.Url), feed.Refetch, Text(feed.Schedule),
            ])
            .ScalarAsync<long>(cancellationToken);

    /// <summary>The feed, or null.</summary>
    public async Task<Feed?> FindAsync(long feedId, CancellationToken cancellationToken)
    {
        return await dataSource.Sql($"select {Columns} from cpf.feeds where feed_id = $1", [feedId])
            .FirstOrDefaultAsync(Read, cancellationToken);
    }

    /// <summary>The newest feeds, newest first.</summary>
    /// <param name="source">Only feeds of this source, or null.</param>
    /// <param name="state">Only feeds in this state, or null.</param>
    /// <param name="limit">Maximum.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<Feed>> ListAsync(string? source, string? state, int limit, CancellationToken cancellationToken)
    {
        return await dataSource.Sql(
            $"""
            select {Columns} from cpf.feeds
            where ($1::text is null or source = $1) and ($2::text is null or state = $2)
            order by feed_id desc
            limit $3
            """, [
                Text(source), Text(state), limit
            ])
            .QueryAsync(Read, cancellationToken);
    }

    /// <summary>
    /// The oldest unfinished feed of each source, oldest first, because feeds of one source are read one after another. A feed that was
    /// read and waits for its hosts is not due: it would block others. Nor is a feed whose download was postponed.
    /// </summary>
    public async Task<IReadOnlyList<Feed>> ListDueAsync(CancellationToken cancellationToken)
    {
        return await dataSource.Sql(
            $"""
            select {Columns} from cpf.feeds f
            where feed_id in (select min(feed_id) from cpf.feeds where state in ('queued', 'running') group by source)
              and (next_attempt_at is null or next_attempt_at <= now())
              and (rows_total is null or rows_read < rows_total
                   or not exists (select from cpf.fetches w where w.feed_id = f.feed_id))
            order by feed_id
            """).QueryAsync(Read, cancellationToken);
    }

    /// <summary>Takes the lock for reading a source's feeds. Null when another instance holds it.</summary>
    public Task<KeptLock?> TryLeaseAsync(string source, CancellationToken cancellationToken) =>
        KeptLock.TryTakeAsync(dataSource, "cpf.feed." + source, cancellationToken);

    /// <summary>Marks the feed as running. Returns false when it is neither queued nor running.</summary>
    public async Task<bool> StartAsync(long feedId, CancellationToken cancellationToken)
    {
        return await dataSource.Sql(
            """
            update cpf.feeds
            set state = 'running', started_at = coalesce(started_at, now()),
                quiet_since = coalesce(
                    quiet_since, (select least(now(), min(xact_start)) from pg_stat_activity where datname = current_database()))
            where feed_id = $1 and state in ('queued', 'running')
            """, [feedId]).ExecuteAsync(cancellationToken) == 1;
    }

    /// <summary>Records how many rows the feed has, and what was found while counting them.</summary>
    public async Task SetTotalAsync(long feedId, long rowsTotal, IReadOnlyCollection<string> findings, CancellationToken cancellationToken)
    {
        await dataSource.Sql(
            "update cpf.feeds set rows_total = $2, findings = $3 where feed_id = $1", [feedId, rowsTotal, findings.ToArray()])
            .ExecuteAsync(cancellationToken);
    }

    /// <summary>Ends an unfinished feed; false when it had ended before.</summary>
    public async Task<bool> EndAsync(long feedId, string state, string? message, CancellationToken cancellationToken)
    {
        return await dataSource.Sql(
            """
            with listed as (delete from cpf.feed_images where feed_id = $1)
            update cpf.feeds set state = $2, message = $3, finished_at = now(), next_attempt_at = null,
                bytes_read = case when $2 = 'finished' then coalesce(bytes_total, bytes_read) else bytes_read end
            where feed_id = $1 and state in ('queued', 'running')
            """, [feedId, state, Text(message)])
            .ExecuteAsync(cancellationToken) == 1;
    }

    /// <summary>The first rejected rows of a feed.</summary>
    public async Task<IReadOnlyList<FeedRejection>> ListRejectionsAsync(long feedId, int limit, CancellationToken cancellationToken)
    {
        return await dataSource.Sql(
            "select row_number, external_id, reason, detail from cpf.feed_rejections where feed_id = $1 order by row_number limit $2", [
                feedId, limit
            ])
            .QueryAsync(row =>
                new FeedRejection(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetStringOrNull(3)), cancellationToken);
    }

    /// <summary>Adds a batch's progress in the transaction of the batch.</summary>
    /// <exception cref="FeedTakenException">The feed is no longer running, or another instance took it over.</exception>
    public static async Task AdvanceAsync(NpgsqlConnection connection, FeedProgress progress, CancellationToken cancellationToken)
    {
        var examples = string.Join(", ", progress.Duplicates.Distinct().Take(MaxExamples));
        if (await connection.Sql(
            """
            update cpf.feeds
            set rows_read = $3, unchanged = unchanged + $4, stored = stored + $5, rejected = rejected + $6, unreadable = unreadable + $7,
                duplicates = duplicates + $8,
                findings = case when duplicates = 0 and $8 > 0 then findings || $9 else findings end,
                bytes_read = $10
            where feed_id = $1 and rows_read = $2 and state = 'running'
            returning rejected
            """, [
                progress.FeedId, progress.RowsBefore, progress.RowsAfter, progress.Unchanged, progress.Stored,
                (long)progress.Rejections.Count, progress.Unreadable, (long)progress.Duplicates.Count,
                $"Some rows give an image another picture at the same revision: {examples}",
                progress.BytesRead,
            ])
            .ScalarAsync<long?>(cancellationToken) is not long rejected)
        {
            throw new FeedTakenException(progress.FeedId);
        }

        var room = (int)Math.Clamp(MaxRejections - (rejected - progress.Rejections.Count), 0, progress.Rejections.Count);
        await AddRejectionsAsync(
            connection, progress.FeedId, [.. progress.Rejections.OrderBy(r => r.RowNumber).Take(room)], cancellationToken);
        await AddListedAsync(connection, progress, cancellationToken);
    }

    /// <summary>Counts a row of a feed whose image was fetched, or given up, after the row had been read.</summary>
    public static async Task SettleAsync(
        NpgsqlConnection connection, long feedId, FeedRejection? rejection, bool stored, CancellationToken cancellationToken)
    {
        var rejected = await connection.Sql(
            """
            update cpf.feeds
            set stored = stored + $2, rejected = rejected + $3, unchanged = unchanged + 1 - $2 - $3
            where feed_id = $1 and state = 'running'
            returning rejected
            """, [feedId, rejection is null && stored ? 1L : 0L, rejection is null ? 0L : 1L])
            .ScalarAsync<long?>(cancellationToken);
        if (rejected <= MaxRejections && rejection is not null)
        {
            await AddRejectionsAsync(connection, feedId, [rejection], cancellationToken);
        }
    }

    /// <summary>Rows of a feed that were read and whose images are still to be fetched.</summary>
    public async Task<long> CountWaitingAsync(long feedId, CancellationToken cancellationToken)
    {
        return await dataSource.Sql("select count(*) from cpf.fetches where feed_id = $1", [feedId]).ScalarAsync<long>(cancellationToken);
    }

    private static async Task AddRejectionsAsync(
        NpgsqlConnection connection, long feedId, FeedRejection[] rejections, CancellationToken cancellationToken)
    {
        if (rejections.Length == 0)
        {
            return;
        }

        await connection.Sql(
            """
            insert into cpf.feed_rejections (feed_id, row_number, external_id, reason, detail)
            select $1, row_number, external_id, reason, detail
            from unnest($2, $3, $4, $5) as t(row_number, external_id, reason, detail)
            on conflict do nothing
            """, [
                feedId, rejections.Select(r => r.RowNumber).ToArray(), rejections.Select(r => r.ExternalId).ToArray(),
                rejections.Select(r => r.Reason).ToArray(),
                new NpgsqlParameter { Value = rejections.Select(r => r.Detail)
                    .ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text }
            ])
            .ExecuteAsync(cancellationToken);
    }

    private static async Task AddListedAsync(NpgsqlConnection connection, FeedProgress progress, CancellationToken cancellationToken)
    {
        if (progress.Listed.Count == 0)
        {
            return;
        }

        await connection.Sql(
            "insert into cpf.feed_images (feed_id, image_id) select $1, i from unnest($2) as i on conflict do nothing", [
                progress.FeedId, progress.Listed.ToArray()
            ])
            .ExecuteAsync(cancellationToken);
    }

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static Feed Read(NpgsqlDataReader row) => new()
    {
        FeedId = row.GetInt64(0),
        Source = row.GetString(1),
        Path = row.GetStringOrNull(2) ?? "",
        Format = row.GetString(3),
        KeysPath = row.GetStringOrNull(4),
        Snapshot = row.GetBoolean(5),
        State = row.GetString(6),
        Revision = row.GetInt64(7),
        RowsTotal = row.GetOrNull<long>(8),
        RowsRead = row.GetInt64(9),
        Unchanged = row.GetInt64(10),
        Stored = row.GetInt64(11),
        Rejected = row.GetInt64(12),
        Retracted = row.GetInt64(13),
        Message = row.GetStringOrNull(14),
        SubmittedAt = row.GetFieldValue<DateTimeOffset>(15),
        StartedAt = row.GetOrNull<DateTimeOffset>(16),
        FinishedAt = row.GetOrNull<DateTimeOffset>(17),
        Unreadable = row.GetInt64(18),
        Duplicates = row.GetInt64(19),
        Findings = row.GetFieldValue<string[]>(20),
        MaxRetractShare = row.GetOrNull<double>(21),
        Url = row.GetStringOrNull(22),
        Refetch = row.GetBoolean(23),
        Schedule = row.GetStringOrNull(24),
        Charset = row.GetStringOrNull(25),
        Sha256 = row.IsDBNull(26) ? null : row.GetFieldValue<byte[]>(26),
        BytesTotal = row.GetOrNull<long>(27),
        BytesRead = row.GetInt64(28),
        BytesDownloaded = row.GetOrNull<long>(29),
        Attempts = row.GetInt32(30),
        NextAttemptAt = row.GetOrNull<DateTimeOffset>(31),
        UnchangedSince = row.GetOrNull<long>(32),
    };
}
