using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Locks;

/// <summary>
/// The locks that transactions hold until they end, across all processes. A transaction that needs several takes them in this order, which
/// rules out deadlocks: groups, models, rows of <c>cpf.models</c> by id, rows of <c>cpf.contents</c> by id, matches. For a lock that
/// outlives a transaction there is <see cref="KeptLock"/>.
/// </summary>
/// <remarks>
/// Each is the lock of an empty table that only <c>cpf_service</c> may lock. An advisory lock would not do: anyone who may connect can take
/// it, even <c>cpf_reader</c> in a read-only transaction, and so stop the pipeline. A row lock would do, but a table lock has two
/// advantages. Waiters are served in turn; a row lock that others keep sharing makes an exclusive waiter wait for all of them. And taking a
/// table lock writes nothing. A wait ends with an exception after <see cref="MaxWait"/>. <see cref="LockWaits"/> shows who waits for whom.
/// </remarks>
public static class TransactionLocks
{
    /// <summary>
    /// The longest time a transaction waits for a lock. Activating a model over a large catalogue holds the group lock for minutes.
    /// </summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(10);

    /// <summary>
    /// A statement that takes the lock of matches in shared mode, so that transactions that add matches do not wait for each other. It is a
    /// block because PostgreSQL locks no table at the top level of an implicit transaction.
    /// </summary>
    public const string ShareMatches = "do 'begin lock table cpf.lock_matches in row share mode; end'";

    /// <summary>
    /// Makes the caller's transaction the only one that writes groups until it ends. Later statements of a transaction at READ COMMITTED
    /// see everything its predecessors wrote, and <c>group_events.seq</c> follows the order of commits.
    /// </summary>
    public static Task TakeGroupsAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        TakeAsync(connection, "lock table cpf.lock_groups in exclusive mode", cancellationToken);

    /// <summary>Makes the caller's transaction the only one that registers models or changes their states until it ends.</summary>
    public static Task TakeModelsAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        TakeAsync(connection, "lock table cpf.lock_models in exclusive mode", cancellationToken);

    /// <summary>Waits for transactions that add matches, and keeps others out until the caller's transaction ends.</summary>
    public static Task TakeMatchesAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        TakeAsync(connection, "lock table cpf.lock_matches in exclusive mode", cancellationToken);

    private static Task TakeAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken) =>
        connection.Sql(sql).Within(MaxWait).ExecuteAsync(cancellationToken);
}
