using CpfPipeline.Data.Schema;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Cli.Backups;

/// <summary>Keeps the services away from a database that is being restored, wherever they run.</summary>
internal static class ServicesOut
{
    private const string Sessions = """
        from pg_catalog.pg_stat_activity
        where datname = current_database() and application_name ~ '^cpf-(ingest|embedder|matcher|trainer)'
        """;

    /// <summary>Marks the database, so that no service connects any more, and ends the sessions of those that were connected.</summary>
    /// <param name="dataSource">The database, as the schema's owner.</param>
    /// <param name="backup">Which backup is restored.</param>
    /// <param name="cancellationToken">Cancels; the mark may be there.</param>
    /// <exception cref="CommandException">Services are connected, and the role may not end their sessions (3).</exception>
    public static async Task KeepAsync(NpgsqlDataSource dataSource, string backup, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await UnfinishedRestore.BeginAsync(connection, backup, cancellationToken);
        try
        {
            await connection.Sql($"select pg_terminate_backend(pid) {Sessions}").ExecuteAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            var names = await connection.Sql($"select distinct application_name {Sessions} order by 1")
                .QueryAsync(row => row.GetString(0), cancellationToken);
            throw CommandException.Infrastructure(
                $"services are connected to the database ({string.Join(", ", names)}): stop them, and run it again");
        }
    }
}
