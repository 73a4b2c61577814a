using CpfPipeline.Data.Feeds;
using CpfPipeline.Data.Sql;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Ingest.Schedules;

/// <summary>
/// Schedules of feeds (<c>cpf.feed_schedules</c>). A run locks the schedule's row, so that one of several instances makes it. What a feed
/// may do is what the schedule's key may at that time. The rights of a person or of a token, which their issuer knows, cannot be looked up:
/// such a schedule keeps those of when it was put, and runs for a time only.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
/// <param name="options">Settings.</param>
/// <param name="time">The clock.</param>
internal sealed class FeedScheduleStore(NpgsqlDataSource dataSource, IOptions<IngestOptions> options, TimeProvider time)
{
    // What a key may now: one that is not there may nothing. A path is read with the role operate only.
    private const string KeyMay = """
        k.key_id = s.key_id and k.revoked_at is null and (k.expires_at is null or k.expires_at > now()) and 'submit' = any(k.roles)
        and (k.sources = '{}' or s.source = any(k.sources)) and (s.path is null or 'operate' = any(k.roles))
        """;

    private const string Select = """
        select s.name, s.cron, s.time_zone, s.enabled, s.source, s.path, s.url, s.format, s.keys_path, s.snapshot, s.max_retract_share,
               s.created_at, s.updated_at, s.next_run_at, s.last_run_at, s.last_feed_id, f.state, f.message, f.unchanged_since is not null,
               s.global_keys and (s.key_id is null or coalesce(k.global_keys or k.sources = '{}', false)),
               s.reads_files and (s.key_id is null or coalesce('operate' = any(k.roles), false)),
               s.key_id, s.put_by, s.confirmed_at, k.expires_at, k.key_id is not null
        from cpf.feed_schedules s
        left join cpf.feeds f on f.feed_id = s.last_feed_id
        left join cpf.api_keys k on
        """ + " " + KeyMay;

    // Whether a schedule runs; $1: no key put it before this time, or what it says counts no more.
    private const string MayRun =
        $"(case when s.key_id is null then s.confirmed_at > $1 else exists (select from cpf.api_keys k where {KeyMay}) end)";

    private const string Upsert = """
        insert into cpf.feed_schedules as s
               (name, cron, time_zone, enabled, source, path, url, format, keys_path, snapshot, max_retract_share, created_at, updated_at,
                next_run_at, global_keys, reads_files, key_id, put_by, confirmed_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14, $15, $16, $17, $12)
        on conflict (source, name) do update set
            cron = excluded.cron, time_zone = excluded.time_zone, enabled = excluded.enabled,
            path = excluded.path, url = excluded.url, format = excluded.format, keys_path = excluded.keys_path,
            snapshot = excluded.snapshot, max_retract_share = excluded.max_retract_share, updated_at = excluded.updated_at,
            next_run_at = excluded.next_run_at, global_keys = excluded.global_keys, reads_files = excluded.reads_files,
            key_id = excluded.key_id, put_by = excluded.put_by, confirmed_at = excluded.confirmed_at
        returning s.xmax = 0
        """;

    /// <summary>All schedules, by name and source.</summary>
    /// <param name="among">Only those of these sources, or null.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<FeedSchedule>> ListAsync(IReadOnlyCollection<string>? among, CancellationToken cancellationToken) =>
        await dataSource.Sql($"{Select} where $1::text[] is null or s.source = any($1) order by s.name, s.source", [Texts(among)])
            .QueryAsync(row => Read(row, time.GetUtcNow()), cancellationToken);

    /// <summary>The schedules of a name, by source: each source has names of its own.</summary>
    public async Task<IReadOnlyList<FeedSchedule>> FindAsync(string name, CancellationToken cancellationToken) =>
        await dataSource.Sql($"{Select} where s.name = $1 order by s.source", [name])
            .QueryAsync(row => Read(row, time.GetUtcNow()), cancellationToken);

    /// <summary>How many schedules a source has beside that of a name.</summary>
    public Task<long> CountOthersAsync(string source, string name, CancellationToken cancellationToken) =>
        dataSource.Sql("select count(*) from cpf.feed_schedules where source = $1 and name <> $2", [source, name])
            .ScalarAsync<long>(cancellationToken);

    /// <summary>Makes a schedule, or puts it in the place of the one of that name.</summary>
    /// <returns>Whether it is a new one.</returns>
    public Task<bool> PutAsync(FeedSchedule schedule, CancellationToken cancellationToken) =>
        dataSource.Sql(Upsert, [
            schedule.Name, schedule.Times.Cron, schedule.Times.TimeZone, schedule.Enabled, schedule.Feed.Source, Text(schedule.Feed.Path),
            Text(schedule.Feed.Url), schedule.Feed.Format, Text(schedule.Feed.KeysPath), schedule.Feed.Snapshot,
            new NpgsqlParameter { Value = (object?)schedule.Feed.MaxRetractShare ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Double },
            schedule.UpdatedAt, Time(schedule.NextRunAt), schedule.Feed.GlobalKeys, schedule.Feed.ReadsFiles, Text(schedule.KeyId),
            Text(schedule.PutBy),
        ]).ScalarAsync<bool>(cancellationToken);

    /// <summary>Removes a schedule; false when there is none. Feeds that it handed in stay.</summary>
    public async Task<bool> DeleteAsync(string source, string name, CancellationToken cancellationToken) =>
        await dataSource.Sql("delete from cpf.feed_schedules where source = $1 and name = $2", [source, name])
            .ExecuteAsync(cancellationToken) == 1;

    /// <summary>The schedules that are due, and whether they do not run because what they were put with has ended.</summary>
    public async Task<IReadOnlyList<(string Source, string Name, bool HasEnded)>> ListDueAsync(
        DateTimeOffset now, CancellationToken cancellationToken) =>
        await dataSource.Sql(
            $"""
            select s.source, s.name, not {MayRun}
            from cpf.feed_schedules s
            where s.enabled and s.next_run_at <= $2
            order by s.next_run_at, s.source, s.name
            """, [now - options.Value.MaxScheduleAge, now])
            .QueryAsync(row => (row.GetString(0), row.GetString(1), row.GetBoolean(2)), cancellationToken);

    /// <summary>
    /// Hands in the schedule's feed. While the last one, or as many of the source as may wait, have not ended, the run is left out. Runs
    /// that were missed are made up for by this one: the next is the first after now.
    /// </summary>
    /// <param name="source">Source of the schedule.</param>
    /// <param name="name">Its name.</param>
    /// <param name="now">The time.</param>
    /// <param name="evenIfNotDue">Whether somebody asked for the run; otherwise one that is not due, or that another instance is at, is
    /// left alone.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The feed; null when none was handed in. A schedule that has ended hands in nothing.</returns>
    public async Task<long?> RunAsync(
        string source, string name, DateTimeOffset now, bool evenIfNotDue, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (evenIfNotDue)
        {
            // The next statement then sees the feed of the run that this one waited for.
            await connection.Sql("select from cpf.feed_schedules where source = $1 and name = $2 for update", [source, name])
                .ExecuteAsync(cancellationToken);
        }

        var schedule = await connection.Sql(
            evenIfNotDue
                ? $"{Select} where s.source = $1 and s.name = $2 for update of s"
                : $"{Select} where s.source = $1 and s.name = $2 and s.enabled and s.next_run_at <= $3 for update of s skip locked",
            evenIfNotDue ? [source, name] : [source, name, now]).FirstOrDefaultAsync(row => Read(row, now), cancellationToken);
        if (schedule is not { HasEnded: false })
        {
            return null;
        }

        long? feedId = null;
        if (schedule.LastState is not (FeedState.Queued or FeedState.Running)
            && await FeedStore.CountUnfinishedAsync(connection, source, cancellationToken) < options.Value.MaxUnfinishedFeeds)
        {
            feedId = await FeedStore.AddAsync(
                connection, schedule.Feed with { Revision = now.ToUnixTimeMilliseconds(), Schedule = name }, cancellationToken);
        }

        var next = schedule.Enabled ? schedule.Times.Next(now) : null;
        await connection.Sql(
            """
            update cpf.feed_schedules
            set next_run_at = $2, enabled = $2 is not null, last_feed_id = coalesce($3, last_feed_id),
                last_run_at = case when $3 is null then last_run_at else $4 end
            where name = $1 and source = $5
            """, [
                name, Time(next), new NpgsqlParameter { Value = (object?)feedId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint }, now,
                source,
            ])
            .ExecuteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return feedId;
    }

    private FeedSchedule Read(NpgsqlDataReader row, DateTimeOffset now)
    {
        var keyId = row.GetStringOrNull(21);
        var runsUntil = keyId is null
            ? row.GetFieldValue<DateTimeOffset>(23) + options.Value.MaxScheduleAge : row.GetOrNull<DateTimeOffset>(24);
        var (times, problem) = FeedTimes.Parse(row.GetString(1), row.GetString(2));
        return new FeedSchedule
        {
            Name = row.GetString(0),
            Times = times ?? throw new InvalidOperationException($"The schedule {row.GetString(0)} cannot be read: {problem}"),
            Enabled = row.GetBoolean(3),
            Feed = new NewFeed(
                row.GetString(4), row.GetStringOrNull(5), row.GetString(7), row.GetStringOrNull(8), row.GetBoolean(9), 0,
                row.GetOrNull<double>(10))
            {
                Url = row.GetStringOrNull(6), GlobalKeys = row.GetBoolean(19), ReadsFiles = row.GetBoolean(20),
            },
            KeyId = keyId,
            PutBy = row.GetStringOrNull(22),
            RunsUntil = runsUntil,
            HasEnded = keyId is null ? runsUntil <= now : !row.GetBoolean(25),
            CreatedAt = row.GetFieldValue<DateTimeOffset>(11),
            UpdatedAt = row.GetFieldValue<DateTimeOffset>(12),
            NextRunAt = row.GetOrNull<DateTimeOffset>(13),
            LastRunAt = row.GetOrNull<DateTimeOffset>(14),
            LastFeedId = row.GetOrNull<long>(15),
            LastState = row.GetStringOrNull(16),
            LastMessage = row.GetStringOrNull(17),
            LastUnchanged = row.GetBoolean(18),
        };
    }

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Texts(IReadOnlyCollection<string>? values) => new()
    {
        Value = (object?)values?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
    };

    private static NpgsqlParameter Time(DateTimeOffset? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };
}
