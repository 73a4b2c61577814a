using System.Diagnostics;
using CpfPipeline.Data.Access;
using CpfPipeline.Data.Schema;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Tests.Benchmarks.Servers;

/// <summary>
/// A migrated database and a virtual host for one bench. <c>CPF_TEST_POSTGRES</c> names a role that may make databases,
/// <c>CPF_TEST_RABBITMQ</c> is the broker's amqp URI and <c>CPF_TEST_RABBITMQ_CTL</c> the script that makes virtual hosts; <c>infra/cpf
/// bench</c> sets them.
/// </summary>
internal sealed class BenchServers : IAsyncDisposable
{
    private const string PostgresVariable = "CPF_TEST_POSTGRES";
    private const string RabbitMqVariable = "CPF_TEST_RABBITMQ";
    private const string ControlVariable = "CPF_TEST_RABBITMQ_CTL";

    private readonly string _server;
    private readonly string _name;
    private readonly ApiKeyText _key = ApiKeyText.Make();

    private BenchServers(string server, string name, Uri rabbitMq)
    {
        (_server, _name, RabbitMq) = (server, name, rabbitMq);
        Postgres = new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
        DataSource = PostgresDataSource.Create(Postgres, "cpf-bench");
    }

    /// <summary>Connection string of the database.</summary>
    public string Postgres { get; }

    /// <summary>A key for the services, with all roles.</summary>
    public string Key => _key.Reveal();

    /// <summary>The bench's own connections.</summary>
    public NpgsqlDataSource DataSource { get; }

    /// <summary>amqp URI of the virtual host.</summary>
    public Uri RabbitMq { get; }

    /// <summary>PostgreSQL's first process; null when the server is on another machine.</summary>
    public int? PostgresPid { get; private set; }

    /// <summary>The broker's process; null when it is on another machine.</summary>
    public int? RabbitMqPid { get; private set; }

    public static async Task<BenchServers> CreateAsync(bool migrates, CancellationToken cancellationToken)
    {
        var server = Required(PostgresVariable);
        var address = new UriBuilder(Required(RabbitMqVariable));
        var name = $"cpf_bench_{Guid.NewGuid().ToString("N")[..10]}";
        address.Path = name;
        var servers = new BenchServers(server, name, address.Uri);
        try
        {
            await ControlAsync(cancellationToken, "add-vhost", name);
            await ExecuteAsync(server, $"create database {name}", cancellationToken);
            if (migrates)
            {
                await new Migrator(servers.Postgres).MigrateAsync(cancellationToken);
                await servers.AddKeyAsync(cancellationToken);
            }

            servers.PostgresPid = ProcessorTime.ParentOf(await servers.ScalarAsync<int>("select pg_backend_pid()", cancellationToken));
            servers.RabbitMqPid = int.TryParse((await ControlAsync(cancellationToken, "ctl", "--quiet", "eval", "os:getpid()."))
                .Trim(' ', '"', '\n'), out var pid) ? pid : null;
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes <see cref="Key"/> known to a database that was filled by other means.</summary>
    public Task AddKeyAsync(CancellationToken cancellationToken) => new ApiKeyRegister(DataSource, "bench").AddAsync(
        new NewApiKey(_name, AccessRole.All, []), _key, cancellationToken);

    /// <summary>Runs a statement.</summary>
    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constant texts of the benches.
        await using var command = DataSource.CreateCommand(sql);
#pragma warning restore CA2100
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>First column of the first row.</summary>
    public async Task<T> ScalarAsync<T>(string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constant texts of the benches.
        await using var command = DataSource.CreateCommand(sql);
#pragma warning restore CA2100
        command.CommandTimeout = 0;
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await ExecuteAsync(_server, $"drop database if exists {_name} with (force)", CancellationToken.None);
        await ControlAsync(CancellationToken.None, "delete-vhost", _name);
    }

    private static async Task ExecuteAsync(string server, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
#pragma warning disable CA2100 // Names made above.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<string> ControlAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(Required(ControlVariable), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{string.Join(' ', arguments)} failed: {await errors}");
    }

    private static string Required(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
        ? value
        : throw new BenchSkippedException($"{variable} is not set: start with infra/cpf bench");
}
