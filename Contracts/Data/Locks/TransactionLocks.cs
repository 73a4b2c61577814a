using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Locks;

/// <summary>
/// The locks that transactions hold until they end, over all processes. Who needs several takes them in this order, so that nobody waits
/// in a circle: groups, models, rows of <c>cpf.models</c> by id, rows of <c>cpf.contents</c> by id, matches. Who needs a lock that lasts
/// longer than a transaction takes a <see cref="KeptLock"/>.
/// </summary>
/// <remarks>
/// Each is the lock of an empty table that only <c>cpf_service</c> may lock. An advisory lock would not do: whoever may connect can take
/// it, even <c>cpf_reader</c> in a read-only transaction, and so stop the pipeline. The row of a table would do, too, but two things are
/// better here. Who waits is served in turn: of a row's lock, one who wants it alone waits as long as others keep sharing it. And taking
/// it writes nothing. A wait ends with an exception after <see cref="MaxWait"/>. <see cref="LockWaits"/> tells who waits for whom.
/// </remarks>
public static class TransactionLocks
{
    /// <summary>
    /// How long a transaction waits for a lock at most. Activating a model over a large catalogue holds the group lock for minutes.
    /// </summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(10);

    /// <summary>
    /// A statement that shares the lock of matches: adders do not wait for each other. In a block because at its top level PostgreSQL
    /// takes no table's lock in an implicit transaction.
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

    /// <summary>Waits for whoever is adding matches, and keeps others out until the caller's transaction ends.</summary>
    public static Task TakeMatchesAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        TakeAsync(connection, "lock table cpf.lock_matches in exclusive mode", cancellationToken);

    private static Task TakeAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken) =>
        connection.Sql(sql).Within(MaxWait).ExecuteAsync(cancellationToken);
}
