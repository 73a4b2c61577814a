using CpfPipeline.Cli;
using CpfPipeline.Cli.Databases;
using CpfPipeline.Data.Schema;
using CpfPipeline.Tests.Integration.Fixtures;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Cli.Databases;

/// <summary>On an empty server, as far as one test may see one: with roles and a database that nobody else has.</summary>
public sealed class DatabaseSetupTests : IAsyncLifetime
{
    private readonly string _name = $"cpf_setup_{Guid.NewGuid():N}"[..20];
    private readonly List<string> _told = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Superuser => TestServer.Required(TestDatabases.Variable);

    private string Owner => Login($"{_name}_owner", "o'wn \"er");

    private string Service => Login($"{_name}_service", "s%ervice\\");

    [Fact]
    public async Task Run_AsASuperuserOnAnEmptyServerTwice_MakesEverythingAndServicesOwnNothing()
    {
        await Assert.ThrowsAsync<CommandException>(
            () => SchemaWait.RunAsync(Service, TimeSpan.Zero, _told.Add, TimeProvider.System, Token));
        var setup = new DatabaseSetup(Owner, Service, Superuser);
        await setup.RunAsync(_told.Add, Token);
        await setup.RunAsync(_told.Add, Token);
        await SchemaWait.RunAsync(Service, TimeSpan.Zero, _told.Add, TimeProvider.System, Token);

        Assert.Equal(
        [
            "roles, logins, database, extension: there", $"schema: brought to version {Migrator.NewestVersion}",
            $"services connect as {_name}_service", "roles, logins, database, extension: there",
            $"schema: up to date (version {Migrator.NewestVersion})", $"services connect as {_name}_service",
            $"schema: version {Migrator.NewestVersion}",
        ], _told);
        Assert.Equal(
            (false, false, false),
            await ReadAsync(Owner, "select rolsuper, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user"));
        Assert.Equal((false, true, false), await ReadAsync(Service, """
            select has_schema_privilege('cpf', 'create'), has_table_privilege('cpf.images', 'insert'),
                   exists (select from pg_class where relowner = (select oid from pg_roles where rolname = current_user))
            """));

        // What only a superuser can say was said: readers may not make advisory locks here.
        Assert.Equal((false, false, false), await ReadAsync(Owner, """
            select has_function_privilege('cpf_reader', 'pg_advisory_lock(bigint)', 'execute'),
                   has_database_privilege('cpf_reader', current_database(), 'temporary'),
                   has_schema_privilege('cpf_reader', 'public', 'create')
            """));
    }

    [Fact]
    public async Task Run_ServiceWithAnotherPassword_SaysWhoCanMendIt()
    {
        await new DatabaseSetup(Owner, Service, Superuser).RunAsync(_told.Add, Token);
        var wrong = Login($"{_name}_service", "another");
        var e = await Assert.ThrowsAsync<CommandException>(() => new DatabaseSetup(Owner, wrong, null).RunAsync(_told.Add, Token));
        Assert.Contains("CPF_POSTGRES_SUPERUSER", e.Message, StringComparison.Ordinal);

        // Given one, it is a new password.
        await new DatabaseSetup(Owner, wrong, Superuser).RunAsync(_told.Add, Token);

        // A login that is no service's.
        await ExecuteAsync($"revoke cpf_service from {_name}_service");
        e = await Assert.ThrowsAsync<CommandException>(() => new DatabaseSetup(Owner, wrong, null).RunAsync(_told.Add, Token));
        Assert.Contains($"grant cpf_service to {_name}_service", e.Message, StringComparison.Ordinal);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await ExecuteAsync($"drop database if exists {_name} with (force)");
        await ExecuteAsync($"drop role if exists {_name}_owner, {_name}_service");
    }

    private string Login(string user, string password) =>
        new NpgsqlConnectionStringBuilder(Superuser) { Database = _name, Username = user, Password = password }.ConnectionString;

    private static async Task<(bool, bool, bool)> ReadAsync(string login, string sql)
    {
        await using var source = NpgsqlDataSource.Create(login);
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Token);
        Assert.True(await reader.ReadAsync(Token));
        return (reader.GetBoolean(0), reader.GetBoolean(1), reader.GetBoolean(2));
    }

    private static async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Superuser);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
