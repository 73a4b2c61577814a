using CpfPipeline.Cli.Processes;
using CpfPipeline.Data.Schema;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Cli.Databases;

/// <summary>
/// Brings a database to this version, and its roles with it: what an orchestrator runs once before it starts the services. All of it may be
/// repeated, and several may run at once.
/// </summary>
/// <param name="Owner">Connection of the role that owns, or will own, database and schema.</param>
/// <param name="Service">Connection of the services' login; null: not looked at.</param>
/// <param name="Superuser">Connection of a superuser, who makes what is missing; null: it must be there.</param>
internal sealed record DatabaseSetup(string Owner, string? Service, string? Superuser)
{
    private const string NoLogin = "28000";

    private static readonly string[] Roles = ["cpf_service", "cpf_reader", "cpf_auditor"];

    /// <summary>Does it.</summary>
    /// <param name="tell">Takes a line for each step.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CommandException">Something is missing that this may not make; the message says who can.</exception>
    public async Task RunAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        if (Superuser is not null)
        {
            await MakeServerPartAsync(cancellationToken);
            await MakeDatabasePartAsync(cancellationToken);
            tell("roles, logins, database, extension: there");
        }
        else
        {
            tell(await PostgresServer.PrepareExternalAsync(Owner, cancellationToken));
        }

        try
        {
            var applied = await new Migrator(Owner).MigrateAsync(cancellationToken);
            tell(applied.Count == 0
                ? $"schema: up to date (version {Migrator.NewestVersion})" : $"schema: brought to version {applied[^1]}");
        }
        catch (SchemaMismatchException e)
        {
            throw CommandException.Infrastructure(e.Message);
        }

        if (Service is not null)
        {
            tell(await CheckServiceAsync(cancellationToken));
        }
    }

    private async Task MakeServerPartAsync(CancellationToken cancellationToken)
    {
        await using var server = await OpenAsync(Superuser!, cancellationToken);
        foreach (var role in Roles)
        {
            await MakeRoleAsync(server, role, "nologin", cancellationToken);
        }

        var owner = new NpgsqlConnectionStringBuilder(Owner);
        await MakeLoginAsync(server, owner, cancellationToken);
        if (Service is not null && new NpgsqlConnectionStringBuilder(Service) is var service && service.Username != owner.Username)
        {
            await MakeLoginAsync(server, service, cancellationToken);
            if (service.Username != Roles[0])
            {
                await RunAsync(server, "format('grant cpf_service to %I', $1)", [service.Username], cancellationToken);
            }
        }

        if (!await IsThereAsync(server, "select from pg_catalog.pg_database where datname = $1", owner.Database, cancellationToken))
        {
            await RunAsync(server, "format('create database %I owner %I', $1, $2)", [owner.Database, owner.Username], cancellationToken);
        }

    }

    private async Task MakeDatabasePartAsync(CancellationToken cancellationToken)
    {
        var database = new NpgsqlConnectionStringBuilder(Superuser!) { Database = new NpgsqlConnectionStringBuilder(Owner).Database };
        await using var connection = await OpenAsync(database.ConnectionString, cancellationToken);
        await connection.Sql("create extension if not exists vector").ExecuteAsync(cancellationToken);
        using var limits = new StreamReader(typeof(DatabaseSetup).Assembly.GetManifestResourceStream("reader.sql")!);
        await connection.Sql(await limits.ReadToEndAsync(cancellationToken)).ExecuteAsync(cancellationToken);
    }

    private async Task<string> CheckServiceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(Service!, cancellationToken);
            var (name, belongs, owns) = (await connection.Sql("""
                select current_user::text, pg_has_role(current_user, 'cpf_service', 'member'),
                       exists (select from pg_catalog.pg_namespace where nspname = 'cpf' and pg_has_role(current_user, nspowner, 'member'))
                """).QueryAsync(row => (row.GetString(0), row.GetBoolean(1), row.GetBoolean(2)), cancellationToken))[0];
            return !belongs
                ? throw CommandException.Infrastructure(
                    $"the services' login {name} lacks the role cpf_service: let its owner run 'grant cpf_service to {name}'")
                : $"services connect as {name}" + (owns ? ", which may change the schema: another login would be safer" : "");
        }
        catch (PostgresException e) when (e.SqlState is NoLogin or PostgresErrorCodes.InvalidPassword)
        {
            throw CommandException.Infrastructure(
                $"the services' login cannot connect ({e.MessageText}): make it with that password, or give CPF_POSTGRES_SUPERUSER");
        }
    }

    private static async Task MakeRoleAsync(NpgsqlConnection server, string role, string kind, CancellationToken cancellationToken)
    {
        try
        {
            if (!await IsThereAsync(server, "select from pg_catalog.pg_roles where rolname = $1", role, cancellationToken))
            {
                await RunAsync(server, "format('create role %I %s', $1, $2)", [role, kind], cancellationToken);
            }
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation)
        {
            // Another one of us made it just now.
        }
    }

    private static async Task MakeLoginAsync(
        NpgsqlConnection server, NpgsqlConnectionStringBuilder login, CancellationToken cancellationToken)
    {
        if (login.Username is not { Length: > 0 } role || login.Database is not { Length: > 0 })
        {
            throw CommandException.Usage("CPF_POSTGRES and CPF_POSTGRES_SERVICE must name user and database");
        }

        await MakeRoleAsync(server, role, "login", cancellationToken);
        if (login.Password is { Length: > 0 } password)
        {
            await RunAsync(
                server, "format('alter role %I login password %L', $1, $2)", [role, ScramVerifier.Make(password)], cancellationToken);
        }
    }

    // Statements about roles and databases take no parameters. The server itself quotes what is put into them.
    private static async Task RunAsync(
        NpgsqlConnection server, string statement, IReadOnlyList<string?> values, CancellationToken cancellationToken)
    {
        var text = await server.Sql($"select {statement}", [.. values]).ScalarAsync<string>(cancellationToken);
        await server.Sql(text!).ExecuteAsync(cancellationToken);
    }

    private static async Task<bool> IsThereAsync(
        NpgsqlConnection server, string rows, string? name, CancellationToken cancellationToken) =>
        await server.Sql($"select exists ({rows})", [name!]).ScalarAsync<bool>(cancellationToken);

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
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
}
