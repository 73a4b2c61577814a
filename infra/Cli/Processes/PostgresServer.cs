using CpfPipeline.Cli.Installations;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Cli.Processes;

/// <summary>The private PostgreSQL: started by <c>infra/local/postgres.sh</c>, given its database, roles and extension here.</summary>
internal static class PostgresServer
{
    /// <returns>What happened, for the progress display.</returns>
    public static async Task<string> StartAsync(Installation installation, bool passwordLost, CancellationToken cancellationToken)
    {
        var running = Find(installation) is not null;
        if (running && !passwordLost && !IsLeftByTests(installation) && await AnswersAsync(installation, cancellationToken))
        {
            return "already running";
        }

        if (!running && Ports.Settle(installation.State.Ports, [Component.Postgres]))
        {
            installation.Save();
        }

        var log = Path.Combine(installation.Logs, "postgres.log");
        var code = await Script.RunAsync(
            installation,
            "postgres.sh",
            ["start", log],
            [
                new("CPF_POSTGRES_PORT", installation.State.Ports[Component.Postgres]
                    .ToString(System.Globalization.CultureInfo.InvariantCulture)),
                new("CPF_POSTGRES_PASSWORD", installation.State.PostgresPassword),
                new("CPF_POSTGRES_RESET", passwordLost ? "1" : null),
                new("CPF_POSTGRES_OUTSIDE", $"/var/lib/cpf-{installation.Hash}"),
            ],
            workingFolder: null,
            cancellationToken);
        return code == 0
            ? $"started on port {installation.State.Ports[Component.Postgres]}"
            : throw CommandException.Infrastructure(Script.LastWord(log, "PostgreSQL did not start"));
    }

    /// <summary>Makes the roles, the database and the extension, as the superuser. Safe to repeat.</summary>
    public static async Task PrepareAsync(Installation installation, CancellationToken cancellationToken)
    {
        var state = installation.State;
        await using (var server = await OpenAsync(installation.PostgresSuperuser, cancellationToken))
        {
            // The secrets are our own hexadecimal digits. These statements take no parameters.
            foreach (var (role, password) in new[] { ("cpf_owner", state.OwnerPassword), ("cpf_service", state.ServicePassword),
                ("cpf_reader", state.ReaderPassword) })
            {
                var verb = await ExistsAsync(server, "select 1 from pg_catalog.pg_roles where rolname = $1", role, cancellationToken)
                    ? "alter" : "create";
                await ExecuteAsync(server, $"{verb} role {role} login password '{password}'", cancellationToken);
            }

            // Nobody has it by default: who audits is granted it.
            if (!await ExistsAsync(server, "select 1 from pg_catalog.pg_roles where rolname = $1", "cpf_auditor", cancellationToken))
            {
                await ExecuteAsync(server, "create role cpf_auditor nologin", cancellationToken);
            }

            if (!await ExistsAsync(server, "select 1 from pg_catalog.pg_database where datname = $1", "cpf", cancellationToken))
            {
                await ExecuteAsync(server, "create database cpf owner cpf_owner", cancellationToken);
            }

            // What is taken from the roles in their own database they would find here again.
            await ExecuteAsync(server, "revoke connect on database postgres, template1 from public", cancellationToken);
        }

        await using var database = await OpenAsync(
            new NpgsqlConnectionStringBuilder(installation.PostgresSuperuser) { Database = "cpf" }.ConnectionString, cancellationToken);
        await ExecuteAsync(database, "create extension if not exists vector", cancellationToken);

        // Only a superuser may do this, so that the migration of the schema's owner leaves it undone.
        await ExecuteAsync(
            database, await File.ReadAllTextAsync(Path.Combine(installation.Checkout, "infra", "sql", "reader.sql"), cancellationToken),
            cancellationToken);
    }

    /// <summary>
    /// Checks the server named by <c>CPF_POSTGRES</c> and makes what is missing and may be made: the extension and the three roles that the
    /// schema grants rights to. The role needs to own the database; it needs to be a superuser only when pgvector is not there yet, and
    /// CREATEROLE only when one of the roles is not.
    /// </summary>
    public static async Task<string> PrepareExternalAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var database = await OpenAsync(connectionString, cancellationToken);
        if (!await ExistsAsync(database, "select 1 from pg_catalog.pg_extension where extname = $1", "vector", cancellationToken))
        {
            await TryAsync(database, "create extension vector",
                "needs the extension vector: let a superuser run 'create extension vector' in its database", cancellationToken);
        }

        foreach (var role in new[] { "cpf_service", "cpf_reader", "cpf_auditor" })
        {
            if (!await ExistsAsync(database, "select 1 from pg_catalog.pg_roles where rolname = $1", role, cancellationToken))
            {
                await TryAsync(
                    database, $"create role {role}", $"needs the role {role}: let a superuser run 'create role {role}'", cancellationToken);
            }
        }

        var isOpen = await database.Sql("select has_schema_privilege('cpf_reader', 'public', 'create')")
            .ScalarAsync<bool>(cancellationToken);
        return $"using {database.Host}:{database.Port}/{database.Database} (CPF_POSTGRES)"
            + (isOpen ? "; cpf_reader may make tables in its schema public: let a superuser run infra/sql/reader.sql" : "");
    }

    /// <summary>The server process, or null.</summary>
    public static ProcessRecord? Find(Installation installation)
    {
        var file = Path.Combine(Data(installation), "postmaster.pid");
        try
        {
            return File.Exists(file)
                && int.TryParse(File.ReadLines(file).FirstOrDefault(), out var pid)
                && ProcessTable.Of(installation).FirstOrDefault(p => p.Pid == pid) is { } process
                    ? process
                    : null;
        }
        catch (IOException)
        {
            return null; // the server has just removed its pid file
        }
    }

    private static string Data(Installation installation) =>
        Path.Combine(ProcessTable.Resolve(Path.Combine(installation.Home, "postgres")), "data");

    // The script then makes a server that waits for the disk.
    private static bool IsLeftByTests(Installation installation) =>
        !installation.IsThrowaway && File.Exists(Path.Combine(Data(installation), "cpf.throwaway"));

    private static async Task<bool> AnswersAsync(Installation installation, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(installation.PostgresSuperuser, cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        // A command opens one or two connections. A pool would only keep them open.
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Timeout = 10 }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task TryAsync(NpgsqlConnection connection, string sql, string need, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(connection, sql, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege
            or PostgresErrorCodes.UndefinedFile or PostgresErrorCodes.FeatureNotSupported)
        {
            throw CommandException.Infrastructure($"the server of CPF_POSTGRES {need} ({e.MessageText})");
        }
    }

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, string sql, string name, CancellationToken cancellationToken)
    {
        return await connection.Sql(sql, [name]).ScalarAsync<object?>(cancellationToken) is not null;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await connection.Sql(sql).ExecuteAsync(cancellationToken);
    }
}
