using CpfPipeline.Data.Sql;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Data.Feeds;

/// <summary>Feeds, their progress and their rejections.</summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class FeedStore(NpgsqlDataSource dataSource)
{
    private const int MaxExamples = 3;
    private const string ManyPictures = "Some rows give an image another picture at the same revision: ";

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
            insert into cpf.feeds (source, path, format, keys_path, snapshot, revision, max_retract_share, url, refetch, schedule,
                global_keys, reads_files)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            returning feed_id
            """, [
                feed.Source, Text(feed.Path), feed.Format, Text(feed.KeysPath), feed.Snapshot, feed.Revision,
                new NpgsqlParameter { Value = (object?)feed.MaxRetractShare ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Double },
                Text(feed.Url), feed.Refetch, Text(feed.Schedule), feed.GlobalKeys, feed.ReadsFiles,
            ])
            .ScalarAsync<long>(cancellationToken);

    /// <summary>The feed, or null.</summary>
    public async Task<Feed?> FindAsync(long feedId, CancellationToken cancellationToken)
    {
        return await dataSource.Sql($"select {FeedRow.Columns} from cpf.feeds where feed_id = $1", [feedId])
            .FirstOrDefaultAsync(FeedRow.Read, cancellationToken);
    }

    /// <summary>The newest feeds, newest first.</summary>
    /// <param name="source">Only feeds of this source, or null.</param>
    /// <param name="state">Only feeds in this state, or null.</param>
    /// <param name="limit">Maximum.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="among">Only feeds of these sources, or null.</param>
    public async Task<IReadOnlyList<Feed>> ListAsync(
        string? source, string? state, int limit, CancellationToken cancellationToken, IReadOnlyCollection<string>? among = null)
    {
        return await dataSource.Sql(
            $"""
            select {FeedRow.Columns} from cpf.feeds
            where ($1::text is null or source = $1) and ($2::text is null or state = $2) and ($4::text[] is null or source = any($4))
            order by feed_id desc
            limit $3
            """, [
                Text(source), Text(state), limit,
                new NpgsqlParameter
                {
                    Value = (object?)among?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
                },
            ])
            .QueryAsync(FeedRow.Read, cancellationToken);
    }

    /// <summary>How many feeds of a source have not ended.</summary>
    public async Task<long> CountUnfinishedAsync(string source, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await CountUnfinishedAsync(connection, source, cancellationToken);
    }

    /// <summary>The same in the caller's transaction.</summary>
    public static Task<long> CountUnfinishedAsync(NpgsqlConnection connection, string source, CancellationToken cancellationToken) =>
        connection.Sql("select count(*) from cpf.feeds where source = $1 and state in ('queued', 'running')", [source])
            .ScalarAsync<long>(cancellationToken);

    /// <summary>Marks the feed as running. Returns false when it is neither queued nor running.</summary>
    public async Task<bool> StartAsync(long feedId, CancellationToken cancellationToken)
    {
        return await dataSource.Sql(
            """
            update cpf.feeds
            set state = 'running', started_at = coalesce(started_at, now()), next_attempt_at = null,
                quiet_since = coalesce(
                    quiet_since, (select least(now(), min(xact_start)) from pg_stat_activity where datname = current_database()))
            where feed_id = $1 and state in ('queued', 'running')
            """, [feedId]).ExecuteAsync(cancellationToken) == 1;
    }

    /// <summary>Says what a feed that is read waits for; null: it goes on. Returns false when it is not read any more.</summary>
    public async Task<bool> SayAsync(long feedId, string? message, CancellationToken cancellationToken) =>
        await dataSource.Sql(
            "update cpf.feeds set message = $2 where feed_id = $1 and state = 'running'", [feedId, Text(message)])
            .ExecuteAsync(cancellationToken) == 1;

    /// <summary>Records how many rows the feed has, and what was found while counting them.</summary>
    public async Task SetTotalAsync(long feedId, long rowsTotal, IReadOnlyCollection<string> findings, CancellationToken cancellationToken)
    {
        await dataSource.Sql(
            "update cpf.feeds set rows_total = $2, findings = $3 where feed_id = $1", [feedId, rowsTotal, findings.ToArray()])
            .ExecuteAsync(cancellationToken);
    }

    /// <summary>
    /// Ends an unfinished feed. False when it had ended before. Also shortens the lists of rejected rows of the source's former feeds: only
    /// their first rows are kept. Feeds that ended within the last hour keep all rows, because a client may still be listing them.
    /// </summary>
    public async Task<bool> EndAsync(long feedId, string state, string? message, CancellationToken cancellationToken)
    {
        var hasEnded = await dataSource.Sql(
            """
            with listed as (delete from cpf.feed_images where feed_id = $1)
            update cpf.feeds set state = $2, message = $3, finished_at = now(), next_attempt_at = null,
                bytes_read = case when $2 = 'finished' then coalesce(bytes_total, bytes_read) else bytes_read end
            where feed_id = $1 and state in ('queued', 'running')
            """, [feedId, state, Text(message)])
            .ExecuteAsync(cancellationToken) == 1;
        if (hasEnded)
        {
            await FeedRejections.TrimFormerAsync(dataSource, feedId, cancellationToken);
        }

        return hasEnded;
    }

    /// <summary>Rejected rows of a feed, in their order.</summary>
    /// <param name="feedId">The feed.</param>
    /// <param name="limit">Maximum.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="afterRow">Only rows behind this one: the last of the page before.</param>
    public async Task<IReadOnlyList<FeedRejection>> ListRejectionsAsync(
        long feedId, int limit, CancellationToken cancellationToken, long afterRow = 0)
    {
        return await dataSource.Sql(
            """
            select row_number, external_id, reason, detail from cpf.feed_rejections
            where feed_id = $1 and row_number > $3
            order by row_number
            limit $2
            """, [
                feedId, limit, afterRow
            ])
            .QueryAsync(row =>
                new FeedRejection(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetStringOrNull(3)), cancellationToken);
    }

    /// <summary>Adds the progress of a batch that changed nothing.</summary>
    /// <exception cref="FeedTakenException">The feed is no longer running, or another instance took it over.</exception>
    public async Task AdvanceAsync(FeedProgress progress, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // After a crash such rows may be read again; the commit that ends the feed makes this one durable as well.
        await connection.Sql("set local synchronous_commit = off").ExecuteAsync(cancellationToken);
        await AdvanceAsync(connection, progress, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
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
            returning true
            """, [
                progress.FeedId, progress.RowsBefore, progress.RowsAfter, progress.Unchanged, progress.Stored,
                (long)progress.Rejections.Count, progress.Unreadable, (long)progress.Duplicates.Count,
                ManyPictures + examples,
                progress.BytesRead,
            ])
            .ScalarAsync<bool?>(cancellationToken) is null)
        {
            throw new FeedTakenException(progress.FeedId);
        }

        await FeedRejections.AddAsync(connection, progress.FeedId, progress.Rejections, cancellationToken);
        await AddListedAsync(connection, progress, cancellationToken);
    }

    /// <summary>Counts a row of a feed whose image was fetched, or given up, after the row had been read.</summary>
    /// <param name="connection">The caller's transaction.</param>
    /// <param name="feedId">The feed.</param>
    /// <param name="rejection">Why it was given up, or null.</param>
    /// <param name="stored">Whether it changed the image.</param>
    /// <param name="duplicate">The image's external id when it has another picture at the same revision; else null.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task SettleAsync(
        NpgsqlConnection connection, long feedId, FeedRejection? rejection, bool stored, string? duplicate,
        CancellationToken cancellationToken)
    {
        var isRunning = await connection.Sql(
            """
            update cpf.feeds
            set stored = stored + $2, rejected = rejected + $3, unchanged = unchanged + 1 - $2 - $3, duplicates = duplicates + $4,
                findings = case when duplicates = 0 and $4 > 0 then findings || $5 else findings end
            where feed_id = $1 and state = 'running'
            """, [
                feedId, rejection is null && stored ? 1L : 0L, rejection is null ? 0L : 1L, duplicate is null ? 0L : 1L,
                ManyPictures + duplicate,
            ])
            .ExecuteAsync(cancellationToken) == 1;
        if (isRunning && rejection is not null)
        {
            await FeedRejections.AddAsync(connection, feedId, [rejection], cancellationToken);
        }
    }

    /// <summary>Rows of a feed that were read and whose images are still to be fetched.</summary>
    public async Task<long> CountWaitingAsync(long feedId, CancellationToken cancellationToken)
    {
        return await dataSource.Sql("select count(*) from cpf.fetches where feed_id = $1", [feedId]).ScalarAsync<long>(cancellationToken);
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
}
