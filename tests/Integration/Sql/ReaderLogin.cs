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
    private const string Password = "reader of the tests";
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
        await GuardAsync();
        await _guarded.ExecuteAsync($"alter role cpf_reader login password '{Password}'");
    }

    public async ValueTask DisposeAsync()
    {
        if (_guarded is not null)
        {
            await _guarded.ExecuteAsync("alter role cpf_reader nologin password null");
            await _guarded.DisposeAsync();
        }

        await (_open?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <summary>Runs <c>infra/sql/reader.sql</c>, as a superuser does.</summary>
    public async Task GuardAsync() =>
        await Guarded.ExecuteAsync(await File.ReadAllTextAsync(Path.Combine(Repository.Root(), "infra", "sql", "reader.sql")));

    /// <summary>Waits until the sessions that were closed have ended.</summary>
    public async Task UntilNobodyIsLoggedInAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await Guarded.ScalarAsync<long>("select count(*) from pg_stat_activity where usename = 'cpf_reader'") > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
        }
    }

    /// <summary>A connection of the reader to the pipeline's database.</summary>
    public Task<NpgsqlConnection> OpenGuardedAsync() => OpenAsync(Guarded);

    /// <summary>The same to a database without any of this.</summary>
    public Task<NpgsqlConnection> OpenUnguardedAsync() => OpenAsync(_open!);

    private static async Task<NpgsqlConnection> OpenAsync(TestDatabase database)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            Username = "cpf_reader", Password = Password, Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
