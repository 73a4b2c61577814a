using System.Collections.Concurrent;
using System.Threading.Channels;
using CpfPipeline.Data.Schema;
using CpfPipeline.Tests.Integration.Fixtures;
using Npgsql;
using Xunit;

[assembly: AssemblyFixture(typeof(TestDatabases))]
[assembly: AssemblyFixture(typeof(TestBroker))]

namespace CpfPipeline.Tests.Integration.Fixtures;

/// <summary>
/// Migrated databases on a real PostgreSQL with pgvector, made from one template, dropped when their test is done with them.
/// <c>CPF_TEST_POSTGRES</c> names a role that may make databases, roles and the extension; <c>infra/cpf test</c> sets it.
/// </summary>
public sealed class TestDatabases : IAsyncLifetime
{
    /// <summary>The environment variable with the connection string.</summary>
    public const string Variable = "CPF_TEST_POSTGRES";

    private readonly string _run = Guid.NewGuid().ToString("N")[..10];
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ConcurrentDictionary<string, bool> _databases = [];
    private readonly Channel<string> _disposed = Channel.CreateUnbounded<string>();
    private Task _dropping = Task.CompletedTask;
    private bool _templateMade;
    private int _count;

    /// <summary>A new migrated database and a data source for the owner; the run drops it.</summary>
    public async Task<TestDatabase> CreateAsync(CancellationToken cancellationToken = default)
    {
        var server = Server();
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!_templateMade)
            {
                await MakeAsync(server, Template, template: null, cancellationToken);
                await new Migrator(With(server, Template)).MigrateAsync(cancellationToken);
                await TestKey.AddToAsync(With(server, Template));
                NpgsqlConnection.ClearAllPools(); // A database that somebody is connected to is no template.
                _templateMade = true;
            }

            var name = $"cpf_test_{_run}_{++_count}";
            await MakeAsync(server, name, Template, cancellationToken);
            return new TestDatabase(With(server, name), () => _disposed.Writer.TryWrite(name));
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A new empty database, without the schema.</summary>
    public async Task<string> CreateEmptyAsync(CancellationToken cancellationToken = default)
    {
        var server = Server();
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var name = $"cpf_test_{_run}_{++_count}";
            await MakeAsync(server, name, template: null, cancellationToken);
            return With(server, name);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public ValueTask InitializeAsync()
    {
        _dropping = DropDisposedAsync();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _disposed.Writer.Complete();
        await _dropping;
        NpgsqlConnection.ClearAllPools();
        foreach (var database in _databases.Keys)
        {
            await DropAsync(database);
        }

        _gate.Dispose();
    }

    // A drop waits for a checkpoint, mostly for the disk. Beside the tests it costs them little; at the end, one after the other, minutes.
    private async Task DropDisposedAsync()
    {
        await foreach (var database in _disposed.Reader.ReadAllAsync())
        {
            await DropAsync(database);
        }
    }

    private async Task DropAsync(string database)
    {
        await ExecuteAsync(Server(), $"drop database if exists {database} with (force)", CancellationToken.None);
        _databases.TryRemove(database, out _);
    }

    private string Template => $"cpf_test_{_run}_template";

    private static string Server() => TestServer.Required(Variable);

    private async Task MakeAsync(string server, string name, string? template, CancellationToken cancellationToken)
    {
        _databases.TryAdd(name, true);

        // Copying files takes less than half of the time of a copy through the log, which is the default.
        var from = template is null ? "" : $" template {template} strategy file_copy";
        await ExecuteAsync(server, $"create database {name}{from}", cancellationToken);

        // The server does not crash here, and a test waits for hundreds of commits.
        await ExecuteAsync(server, $"alter database {name} set synchronous_commit to off", cancellationToken);
    }

    private static async Task ExecuteAsync(string server, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
#pragma warning disable CA2100 // Names made above.
        // Dropping a database waits for a checkpoint, which takes long on a busy disk.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 180 };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string With(string server, string database) =>
        new NpgsqlConnectionStringBuilder(server) { Database = database }.ConnectionString;
}
