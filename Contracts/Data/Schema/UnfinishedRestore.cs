using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Schema;

/// <summary>
/// Says of a database that it is being restored, or that a restore of it was interrupted: an empty schema, which no backup holds. Whoever
/// opens a connection by <see cref="PostgresDataSource.Create"/> meanwhile gets an <see cref="UnfinishedRestoreException"/>, wherever it
/// runs. Between the rows and what a restore does after them, positions of events are those of before, and links that were used are new.
/// </summary>
public static class UnfinishedRestore
{
    private const string Find = """
        select coalesce(obj_description(oid, 'pg_namespace'), '') from pg_catalog.pg_namespace where nspname = 'cpf_unfinished_restore'
        """;

    private const string End = "drop schema if exists cpf_unfinished_restore";

    /// <summary>Which backup is being restored; null: none is, or it is finished.</summary>
    public static Task<string?> FindAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.Sql(Find).ScalarAsync<string?>(cancellationToken);

    /// <summary>Begins it. Repeats do no harm.</summary>
    /// <param name="connection">A connection of the database's owner.</param>
    /// <param name="backup">Which backup.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task BeginAsync(NpgsqlConnection connection, string backup, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.Sql("create schema if not exists cpf_unfinished_restore").ExecuteAsync(cancellationToken);

        // A comment takes no parameter.
        var comment = await connection.Sql("select format('comment on schema cpf_unfinished_restore is %L', $1)", [backup])
            .ScalarAsync<string>(cancellationToken);
        await connection.Sql(comment).ExecuteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Ends it, in the caller's transaction.</summary>
    public static Task EndAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.Sql(End).ExecuteAsync(cancellationToken);

    /// <summary>Refuses a new connection to a database whose restore is not finished.</summary>
    /// <exception cref="UnfinishedRestoreException">It is not.</exception>
    internal static void Refuse(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(Find, connection);
        Refuse(command.ExecuteScalar());
    }

    /// <summary>Refuses a new connection to a database whose restore is not finished.</summary>
    /// <exception cref="UnfinishedRestoreException">It is not.</exception>
    internal static async Task RefuseAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(Find, connection);
        Refuse(await command.ExecuteScalarAsync());
    }

    private static void Refuse(object? found)
    {
        if (found is string backup)
        {
            throw new UnfinishedRestoreException(backup);
        }
    }
}
