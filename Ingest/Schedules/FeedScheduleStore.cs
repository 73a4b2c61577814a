using CpfPipeline.Data.Feeds;
using CpfPipeline.Data.Sql;
using CpfPipeline.Vocabulary;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Ingest.Schedules;

/// <summary>
/// Schedules of feeds (<c>cpf.feed_schedules</c>). A run locks the schedule's row, so that one of several instances makes it.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class FeedScheduleStore(NpgsqlDataSource dataSource)
{
    private const string Select = """
        select s.name, s.cron, s.time_zone, s.enabled, s.source, s.path, s.url, s.format, s.keys_path, s.snapshot, s.max_retract_share,
               s.created_at, s.updated_at, s.next_run_at, s.last_run_at, s.last_feed_id, f.state, f.message, f.unchanged_since is not null,
               s.global_keys, s.reads_files, s.key_id,
               exists (select from cpf.api_keys k where k.key_id = s.key_id and (k.revoked_at is not null or k.expires_at <= now()))
        from cpf.feed_schedules s
        left join cpf.feeds f on f.feed_id = s.last_feed_id
        """;

    private const string HasValidKey = """
        not exists (select from cpf.api_keys k where k.key_id = s.key_id and (k.revoked_at is not null or k.expires_at <= now()))
        """;

    private const string Upsert = """
        insert into cpf.feed_schedules as s
               (name, cron, time_zone, enabled, source, path, url, format, keys_path, snapshot, max_retract_share, created_at, updated_at,
                next_run_at, global_keys, reads_files, key_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14, $15, $16)
        on conflict (source, name) do update set
            cron = excluded.cron, time_zone = excluded.time_zone, enabled = excluded.enabled,
            path = excluded.path, url = excluded.url, format = excluded.format, keys_path = excluded.keys_path,
            snapshot = excluded.snapshot, max_retract_share = excluded.max_retract_share, updated_at = excluded.updated_at,
            next_run_at = excluded.next_run_at, global_keys = excluded.global_keys, reads_files = excluded.reads_files,
            key_id = excluded.key_id
        returning s.xmax = 0
        """;

    /// <summary>All schedules, by name and source.</summary>
    /// <param name="among">Only those of these sources, or null.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<FeedSchedule>> ListAsync(IReadOnlyCollection<string>? among, CancellationToken cancellationToken) =>
        await dataSource.Sql($"{Select} where $1::text[] is null or s.source = any($1) order by s.name, s.source", [Texts(among)])
            .QueryAsync(Read, cancellationToken);

    /// <summary>The schedules of a name, by source: each source has names of its own.</summary>
    public async Task<IReadOnlyList<FeedSchedule>> FindAsync(string name, CancellationToken cancellationToken) =>
        await dataSource.Sql($"{Select} where s.name = $1 order by s.source", [name]).QueryAsync(Read, cancellationToken);

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
        ]).ScalarAsync<bool>(cancellationToken);

    /// <summary>Removes a schedule; false when there is none. Feeds that it handed in stay.</summary>
    public async Task<bool> DeleteAsync(string source, string name, CancellationToken cancellationToken) =>
        await dataSource.Sql("delete from cpf.feed_schedules where source = $1 and name = $2", [source, name])
            .ExecuteAsync(cancellationToken) == 1;

    /// <summary>The schedules that are due, and whose key is still good.</summary>
    public async Task<IReadOnlyList<(string Source, string Name)>> ListDueAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        await dataSource.Sql(
            $"""
            select s.source, s.name from cpf.feed_schedules s
            where s.enabled and s.next_run_at <= $1 and {HasValidKey}
            order by s.next_run_at, s.source, s.name
            """, [now]).QueryAsync(row => (row.GetString(0), row.GetString(1)), cancellationToken);

    /// <summary>
    /// Hands in the schedule's feed. While the last one has not ended, the run is left out. Runs that were missed are made up for by this
    /// one: the next is the first after now.
    /// </summary>
    /// <param name="source">Source of the schedule.</param>
    /// <param name="name">Its name.</param>
    /// <param name="now">The time.</param>
    /// <param name="evenIfNotDue">Whether somebody asked for the run; otherwise one that is not due, or that another instance is at, is
    /// left alone.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The feed; null when none was handed in. A schedule whose key has ended hands in nothing.</returns>
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
                ? $"{Select} where s.source = $1 and s.name = $2 and {HasValidKey} for update of s"
                : $"{Select} where s.source = $1 and s.name = $2 and s.enabled and s.next_run_at <= $3 and {HasValidKey}"
                    + " for update of s skip locked",
            evenIfNotDue ? [source, name] : [source, name, now]).FirstOrDefaultAsync(Read, cancellationToken);
        if (schedule is null)
        {
            return null;
        }

        long? feedId = null;
        if (schedule.LastState is not (FeedState.Queued or FeedState.Running))
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

    private static FeedSchedule Read(NpgsqlDataReader row)
    {
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
            KeyId = row.GetStringOrNull(21),
            KeyHasEnded = row.GetBoolean(22),
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
