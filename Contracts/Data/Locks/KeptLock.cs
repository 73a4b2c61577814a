using CpfPipeline.Data.Sql;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Data.Locks;

/// <summary>
/// A lock across all processes of a database that outlives a transaction. It is held until it is disposed or its database session ends.
/// </summary>
/// <remarks>
/// The lock is a row of <c>cpf.kept_locks</c>, which <c>cpf_reader</c> cannot touch. The row names the session that took it, by process id
/// and start. When that session is gone, the lock is free at once. Nothing has to be renewed. A row locked by an open transaction would be
/// simpler, but such a transaction has an id, and while it is open VACUUM removes nothing that died after it. A holder that has lost the
/// lock cannot write through <see cref="Connection"/>: the lock is lost with that session and in no other way.
/// </remarks>
public sealed class KeptLock : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    // The row is locked first. A later statement looks up which sessions are alive, so it sees the session that wrote the row. A session
    // leaves pg_stat_activity only after its last transaction has ended. Its start is hidden from other login roles; then the process id
    // alone decides.
    private const string Lock = "select from cpf.kept_locks where name = $1 for update";

    private const string Take = """
        update cpf.kept_locks l
        set holder_pid = me.pid, holder_role = me.usesysid, holder_started = me.backend_start, taken_at = clock_timestamp(), note = $2
        from pg_stat_activity me
        where l.name = $1 and me.pid = pg_backend_pid()
          and not exists (
            select from pg_stat_activity a
            where a.pid = l.holder_pid and a.usesysid = l.holder_role and (a.backend_start = l.holder_started or a.backend_start is null))
        """;

    private const string GiveBack = """
        update cpf.kept_locks set holder_pid = null, holder_role = null, holder_started = null
        where name = $1 and holder_pid = pg_backend_pid()
        """;

    private readonly string _name;

    private KeptLock(NpgsqlConnection connection, string name) => (Connection, _name) = (connection, name);

    /// <summary>The connection whose session holds the lock. Outside of a transaction, except while a caller uses it.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>Takes the lock. Null when another session holds it.</summary>
    public static Task<KeptLock?> TryTakeAsync(NpgsqlDataSource dataSource, string name, CancellationToken cancellationToken) =>
        TryTakeAsync(dataSource, name, note: null, cancellationToken);

    /// <summary>Takes the lock. Null when another session holds it.</summary>
    /// <param name="dataSource">The process's data source.</param>
    /// <param name="name">What is locked.</param>
    /// <param name="note">Who takes it and for what, for <see cref="ReadNoteAsync"/>; null: nothing is said.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<KeptLock?> TryTakeAsync(
        NpgsqlDataSource dataSource, string name, string? note, CancellationToken cancellationToken)
    {
        var kept = new KeptLock(await dataSource.OpenConnectionAsync(cancellationToken), name);
        var taken = false;
        try
        {
            return (taken = await kept.TryTakeAsync(note, cancellationToken)) ? kept : null;
        }
        finally
        {
            if (!taken)
            {
                await kept.DisposeAsync(); // Also gives back a lock that was taken although the answer was lost.
            }
        }
    }

    /// <summary>What its holder said when it was taken last, and when that was. Null when nobody ever took it.</summary>
    public static async Task<(string? Note, DateTimeOffset TakenAt)?> ReadNoteAsync(
        NpgsqlDataSource dataSource, string name, CancellationToken cancellationToken) =>
        (await dataSource.Sql("select note, taken_at from cpf.kept_locks where name = $1 and taken_at is not null", [name])
            .QueryAsync(
                row => ((string?, DateTimeOffset)?)(row.GetStringOrNull(0), row.GetFieldValue<DateTimeOffset>(1)), cancellationToken))
        .FirstOrDefault();

    /// <summary>Waits for the lock.</summary>
    /// <param name="dataSource">The process's data source.</param>
    /// <param name="name">What is locked.</param>
    /// <param name="time">Clock.</param>
    /// <param name="patience">How often <paramref name="waiting"/> is called during the wait.</param>
    /// <param name="waiting">Receives how long the wait has lasted.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public static async Task<KeptLock> TakeAsync(
        NpgsqlDataSource dataSource, string name, TimeProvider time, TimeSpan patience, Action<TimeSpan> waiting,
        CancellationToken cancellationToken)
    {
        var (started, told) = (time.GetTimestamp(), TimeSpan.Zero);
        while (true)
        {
            if (await TryTakeAsync(dataSource, name, cancellationToken) is { } taken)
            {
                return taken;
            }

            if (time.GetElapsedTime(started) is var waited && waited - told >= patience)
            {
                told = waited;
                waiting(waited);
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <summary>Gives the lock back.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!await TryAsync(GiveBack, [_name]))
            {
                // The pool would keep the session alive, and with it the lock.
                await TryAsync("select pg_terminate_backend(pg_backend_pid())", []);
            }
        }
        finally
        {
            await Connection.DisposeAsync();
        }
    }

    private async Task<bool> TryTakeAsync(string? note, CancellationToken cancellationToken)
    {
        await using var transaction = await Connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(Connection, transaction)
        {
            BatchCommands =
            {
                new("insert into cpf.kept_locks (name) values ($1) on conflict do nothing") { Parameters = { new() { Value = _name } } },
                new(Lock) { Parameters = { new() { Value = _name } } },
                new(Take)
                {
                    Parameters =
                    {
                        new() { Value = _name }, new() { Value = (object?)note ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                    },
                },
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
        var taken = batch.BatchCommands[^1].RecordsAffected == 1;
        await transaction.CommitAsync(cancellationToken);
        return taken;
    }

    private async Task<bool> TryAsync(string sql, object?[] values)
    {
        try
        {
            await Connection.Sql(sql, values).ExecuteAsync(CancellationToken.None);
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            return false; // The session ended and the lock with it, or the lock could not be given back.
        }
    }
}
