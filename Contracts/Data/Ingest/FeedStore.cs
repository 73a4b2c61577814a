using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Data;

/// <summary>Feeds, their progress and their rejections.</summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class FeedStore(NpgsqlDataSource dataSource)
{
    private const int MaxRejections = 10_000;
    private const int MaxExamples = 3;

    private const string Columns = """
        feed_id, source, path, format, keys_path, snapshot, state, revision, rows_total, rows_read, unchanged, stored, rejected, retracted,
        message, submitted_at, started_at, finished_at, unreadable, duplicates, findings, max_retract_share
        """;

    /// <summary>Queues a feed.</summary>
    /// <returns>Its id.</returns>
    public async Task<long> AddAsync(NewFeed feed, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            insert into cpf.feeds (source, path, format, keys_path, snapshot, revision, max_retract_share)
            values ($1, $2, $3, $4, $5, $6, $7)
            returning feed_id
            """);
        command.Parameters.AddRange(new NpgsqlParameter[] {
            new() { Value = feed.Source }, new() { Value = feed.Path }, new() { Value = feed.Format },
            new() { Value = (object?)feed.KeysPath ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
            new() { Value = feed.Snapshot }, new() { Value = feed.Revision },
            new() { Value = (object?)feed.MaxRetractShare ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Double } });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>The feed, or null.</summary>
    public async Task<Feed?> FindAsync(long feedId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"select {Columns} from cpf.feeds where feed_id = $1");
        command.Parameters.Add(new() { Value = feedId });
        return (await ReadAsync(command, cancellationToken)).SingleOrDefault();
    }

    /// <summary>The newest feeds, newest first.</summary>
    /// <param name="source">Only feeds of this source, or null.</param>
    /// <param name="state">Only feeds in this state, or null.</param>
    /// <param name="limit">Maximum.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<Feed>> ListAsync(string? source, string? state, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            select {Columns} from cpf.feeds
            where ($1::text is null or source = $1) and ($2::text is null or state = $2)
            order by feed_id desc
            limit $3
            """);
        command.Parameters.AddRange(new NpgsqlParameter[] {
            new() { Value = (object?)source ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
            new() { Value = (object?)state ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text }, new() { Value = limit } });
        return await ReadAsync(command, cancellationToken);
    }

    /// <summary>The oldest unfinished feed of every source, oldest first: feeds of one source are read one after the other.</summary>
    public async Task<IReadOnlyList<Feed>> ListDueAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            select {Columns} from cpf.feeds
            where feed_id in (select min(feed_id) from cpf.feeds where state in ('queued', 'running') group by source)
            order by feed_id
            """);
        return await ReadAsync(command, cancellationToken);
    }

    /// <summary>Takes the lease on a source's feeds; null when another instance has it.</summary>
    public async Task<FeedLease?> TryLeaseAsync(string source, CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand("select pg_try_advisory_lock(hashtextextended('cpf.feed.' || $1, 0))", connection)
            {
                Parameters = { new() { Value = source } },
            };
            if ((bool)(await command.ExecuteScalarAsync(cancellationToken))!)
            {
                return new FeedLease(connection);
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return null;
    }

    /// <summary>Marks the feed as running; false when it is not queued or running any more.</summary>
    public async Task<bool> StartAsync(long feedId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            update cpf.feeds set state = 'running', started_at = coalesce(started_at, now())
            where feed_id = $1 and state in ('queued', 'running')
            """);
        command.Parameters.Add(new() { Value = feedId });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Notes how many rows the feed has, and what was found while they were counted.</summary>
    public async Task SetTotalAsync(long feedId, long rowsTotal, IReadOnlyCollection<string> findings, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("update cpf.feeds set rows_total = $2, findings = $3 where feed_id = $1");
        command.Parameters.AddRange(
            new NpgsqlParameter[] { new() { Value = feedId }, new() { Value = rowsTotal }, new() { Value = findings.ToArray() } });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Ends an unfinished feed; false when it had ended before.</summary>
    public async Task<bool> EndAsync(long feedId, string state, string? message, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            with listed as (delete from cpf.feed_images where feed_id = $1)
            update cpf.feeds set state = $2, message = $3, finished_at = now()
            where feed_id = $1 and state in ('queued', 'running')
            """);
        command.Parameters.AddRange(new NpgsqlParameter[] {
            new() { Value = feedId }, new() { Value = state },
            new() { Value = (object?)message ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text } });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>The first rejected rows of a feed.</summary>
    public async Task<IReadOnlyList<FeedRejection>> ListRejectionsAsync(long feedId, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            "select row_number, external_id, reason, detail from cpf.feed_rejections where feed_id = $1 order by row_number limit $2");
        command.Parameters.AddRange(new NpgsqlParameter[] { new() { Value = feedId }, new() { Value = limit } });
        var rows = new List<FeedRejection>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new FeedRejection(reader.GetInt64(0), reader.GetString(1), reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3)));
        }

        return rows;
    }

    /// <summary>Adds a batch's progress in the transaction of the batch.</summary>
    /// <exception cref="FeedTakenException">The feed is not running any more, or somebody else has carried it on.</exception>
    public static async Task AdvanceAsync(NpgsqlConnection connection, FeedProgress progress, CancellationToken cancellationToken)
    {
        var examples = string.Join(", ", progress.Duplicates.Distinct().Take(MaxExamples));
        await using var update = new NpgsqlCommand(
            """
            update cpf.feeds
            set rows_read = $3, unchanged = unchanged + $4, stored = stored + $5, rejected = rejected + $6, unreadable = unreadable + $7,
                duplicates = duplicates + $8,
                findings = case when duplicates = 0 and $8 > 0 then findings || $9 else findings end
            where feed_id = $1 and rows_read = $2 and state = 'running'
            returning rejected
            """, connection)
        {
            Parameters =
            {
                new() { Value = progress.FeedId }, new() { Value = progress.RowsBefore }, new() { Value = progress.RowsAfter },
                new() { Value = progress.Unchanged }, new() { Value = progress.Stored }, new() { Value = (long)progress.Rejections.Count },
                new() { Value = progress.Unreadable }, new() { Value = (long)progress.Duplicates.Count },
                new() { Value = $"Some rows give an image another picture at the same revision: {examples}" },
            },
        };
        if (await update.ExecuteScalarAsync(cancellationToken) is not long rejected)
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
        await using var update = new NpgsqlCommand(
            """
            update cpf.feeds
            set stored = stored + $2, rejected = rejected + $3, unchanged = unchanged + 1 - $2 - $3
            where feed_id = $1 and state = 'running'
            returning rejected
            """, connection)
        {
            Parameters =
            {
                new() { Value = feedId }, new() { Value = rejection is null && stored ? 1L : 0L }, new() { Value = rejection is null ? 0L
                    : 1L },
            },
        };
        if (await update.ExecuteScalarAsync(cancellationToken) is long rejected && rejection is not null && rejected <= MaxRejections)
        {
            await AddRejectionsAsync(connection, feedId, [rejection], cancellationToken);
        }
    }

    /// <summary>Rows of a feed that were read and whose images are still to be fetched.</summary>
    public async Task<long> CountWaitingAsync(long feedId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("select count(*) from cpf.fetches where feed_id = $1");
        command.Parameters.Add(new() { Value = feedId });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task AddRejectionsAsync(
        NpgsqlConnection connection, long feedId, FeedRejection[] rejections, CancellationToken cancellationToken)
    {
        if (rejections.Length == 0)
        {
            return;
        }

        await using var insert = new NpgsqlCommand(
            """
            insert into cpf.feed_rejections (feed_id, row_number, external_id, reason, detail)
            select $1, row_number, external_id, reason, detail
            from unnest($2, $3, $4, $5) as t(row_number, external_id, reason, detail)
            on conflict do nothing
            """, connection)
        {
            Parameters =
            {
                new() { Value = feedId },
                new() { Value = rejections.Select(r => r.RowNumber).ToArray() },
                new() { Value = rejections.Select(r => r.ExternalId).ToArray() },
                new() { Value = rejections.Select(r => r.Reason).ToArray() },
                new() { Value = rejections.Select(r => r.Detail).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
            },
        };
        await insert.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task AddListedAsync(NpgsqlConnection connection, FeedProgress progress, CancellationToken cancellationToken)
    {
        if (progress.Listed.Count == 0)
        {
            return;
        }

        await using var insert = new NpgsqlCommand(
            "insert into cpf.feed_images (feed_id, image_id) select $1, i from unnest($2) as i on conflict do nothing", connection)
        {
            Parameters = { new() { Value = progress.FeedId }, new() { Value = progress.Listed.ToArray() } },
        };
        await insert.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<IReadOnlyList<Feed>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var feeds = new List<Feed>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            feeds.Add(new Feed
            {
                FeedId = reader.GetInt64(0),
                Source = reader.GetString(1),
                Path = reader.GetString(2),
                Format = reader.GetString(3),
                KeysPath = reader.IsDBNull(4) ? null : reader.GetString(4),
                Snapshot = reader.GetBoolean(5),
                State = reader.GetString(6),
                Revision = reader.GetInt64(7),
                RowsTotal = reader.IsDBNull(8) ? null : reader.GetInt64(8),
                RowsRead = reader.GetInt64(9),
                Unchanged = reader.GetInt64(10),
                Stored = reader.GetInt64(11),
                Rejected = reader.GetInt64(12),
                Retracted = reader.GetInt64(13),
                Message = reader.IsDBNull(14) ? null : reader.GetString(14),
                SubmittedAt = reader.GetFieldValue<DateTimeOffset>(15),
                StartedAt = reader.IsDBNull(16) ? null : reader.GetFieldValue<DateTimeOffset>(16),
                FinishedAt = reader.IsDBNull(17) ? null : reader.GetFieldValue<DateTimeOffset>(17),
                Unreadable = reader.GetInt64(18),
                Duplicates = reader.GetInt64(19),
                Findings = reader.GetFieldValue<string[]>(20),
                MaxRetractShare = reader.IsDBNull(21) ? null : reader.GetDouble(21),
            });
        }

        return feeds;
    }
}
