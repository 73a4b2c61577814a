using CpfPipeline.Data.Schema;
using CpfPipeline.Tests.Integration.Fixtures;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Sql;

/// <summary>
/// <c>cpf_reader</c> as one who logs in: to a database with the schema after <c>infra/sql/reader.sql</c>, and to one as PostgreSQL makes
/// it.
/// </summary>
public sealed class ReaderLogin(TestDatabases databases) : IAsyncLifetime
{
    private readonly string _password = Guid.NewGuid().ToString("N");
    private object?[]? _before;
    private TestDatabase? _guarded;
    private TestDatabase? _open;

    /// <summary>The database of the pipeline, for its owner.</summary>
    public TestDatabase Guarded => _guarded!;

    public async ValueTask InitializeAsync()
    {
        _open = new TestDatabase(await databases.CreateEmptyAsync());
        var guarded = await databases.CreateEmptyAsync();
        await new Migrator(guarded).MigrateAsync();
        _guarded = new TestDatabase(guarded);

        // The role is the server's, which may be in use: it gets back what it had.
        _before = (await _guarded.QueryAsync(
            """
            select rolcanlogin, rolpassword, rolconnlimit,
                   (select setconfig from pg_db_role_setting where setrole = a.oid and setdatabase = 0)
            from pg_authid a where rolname = 'cpf_reader'
            """)).Single();
        await _guarded.ExecuteAsync("alter role cpf_reader reset all"); // What the script does shall not have been done before.
        await GuardAsync();
        await _guarded.ExecuteAsync($"alter role cpf_reader login password '{_password}'");
    }

    public async ValueTask DisposeAsync()
    {
        if (_guarded is not null)
        {
            await RestoreAsync();
            await _guarded.DisposeAsync();
        }

        await (_open?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <summary>Runs <c>infra/sql/reader.sql</c>, as a superuser does.</summary>
    public async Task GuardAsync() =>
        await Guarded.ExecuteAsync(await File.ReadAllTextAsync(Path.Combine(Repository.Root(), "infra", "sql", "reader.sql")));

    /// <summary>Waits until the sessions that were closed have ended.</summary>
    public Task UntilNobodyIsLoggedInAsync() => Until.TrueAsync(async () => await Guarded.ScalarAsync<long>(
        "select count(*) from pg_stat_activity where usename = 'cpf_reader' and datname = current_database()") == 0);

    /// <summary>A connection of the reader to the pipeline's database.</summary>
    public Task<NpgsqlConnection> OpenGuardedAsync() => OpenAsync(Guarded);

    /// <summary>The same to a database without any of this.</summary>
    public Task<NpgsqlConnection> OpenUnguardedAsync() => OpenAsync(_open!);

    private async Task RestoreAsync()
    {
        if (_before is not [bool canLogin, var password, int limit, var settings])
        {
            return;
        }

        var secret = password is null ? "null" : $"'{password}'"; // A hash.
        await Guarded.ExecuteAsync($"alter role cpf_reader {(canLogin ? "" : "no")}login password {secret} connection limit {limit}");
        await Guarded.ExecuteAsync("alter role cpf_reader reset all");
        foreach (var setting in (string[]?)settings ?? [])
        {
            var parts = setting.Split('=', 2);
            await Guarded.ExecuteAsync($"alter role cpf_reader set {parts[0]} = '{parts[1].Replace("'", "''", StringComparison.Ordinal)}'");
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(TestDatabase database)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            Username = "cpf_reader", Password = _password, Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
