using System.Diagnostics;
using System.Net.Sockets;
using CpfPipeline.Tests.EndToEnd.Deployment;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Acceptance;

/// <summary>
/// The services from the publish output alone, laid outside of the checkout and started from empty folders by a user without rights, on
/// servers that somebody has set up by hand as the guide for systemd says: an owner who is no superuser and may make no roles, a login for
/// the services, the extension there already, a user and a virtual host of the broker.
/// </summary>
internal sealed class PublishedPipeline : IAsyncDisposable
{
    private const UnixFileMode ForAll = (UnixFileMode)0b111_111_111;
    private const string Name = "stranger";
    private static readonly string[] Services = ["Trainer", "Ingest", "Embedder", "Matcher"];

    private readonly Stack _servers;
    private readonly ImageFolder _image;
    private readonly Dictionary<string, (Uri Address, UnprivilegedProcess Process)> _running = [];
    private readonly string _home = Directory.CreateTempSubdirectory("cpf-e2e-published-").FullName;
    private readonly string _password = Guid.NewGuid().ToString("N");

    private PublishedPipeline(Stack servers, ImageFolder image) => (_servers, _image) = (servers, image);

    /// <summary>The services' connection, as <c>CPF_POSTGRES_SERVICE</c> is given.</summary>
    public string Postgres => Login($"{Name}_service");

    // Whose key may do what the demonstration does.
    private HttpClient Client { get; set; } = null!;

    /// <summary>Publishes, sets the servers up and starts the services.</summary>
    /// <param name="servers">Whose PostgreSQL and RabbitMQ they are.</param>
    public static async Task<PublishedPipeline> StartAsync(Stack servers)
    {
        var pipeline = new PublishedPipeline(servers, await ImageFolder.PublishAsync(Cli.Checkout));
        try
        {
            await pipeline.SetUpServersAsync();
            await pipeline.StartServicesAsync();
            return pipeline;
        }
        catch
        {
            await pipeline.DisposeAsync();
            throw;
        }
    }

    /// <summary>Posts to a service, and reads what it answers.</summary>
    public async Task<string> PostAsync(string service, string path, HttpContent? body = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_running[service].Address, path)) { Content = body };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        using var answer = await Client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"POST {path}: {answer.StatusCode} {text}\n{_running[service].Process.Output}");
        return text;
    }

    /// <summary>Waits until a statement of the services' login says yes. Fails when a service has ended.</summary>
    public async Task UntilAsync(string sql, string what, TimeSpan patience)
    {
        await using var connection = new NpgsqlConnection(Postgres);
        await connection.OpenAsync();
#pragma warning disable CA2100 // The test's own text.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await Stack.UntilAsync(
            async () =>
            {
                Assert.All(_running.Values, r => Assert.False(r.Process.HasEnded, r.Process.Output));
                return (bool)(await command.ExecuteScalarAsync())!;
            },
            what, patience);
    }

    /// <summary>Asks the services to end, which they do well.</summary>
    public async Task EndAsync()
    {
        foreach (var (_, process) in _running.Values)
        {
            await process.TerminateAsync();
        }

        foreach (var (_, process) in _running.Values)
        {
            await process.ExpectAsync(0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, process) in _running.Values)
        {
            await process.DisposeAsync();
        }

        Client?.Dispose();
        _image.Dispose();
        Directory.Delete(_home, recursive: true);
    }

    private async Task SetUpServersAsync()
    {
        foreach (var statement in new[]
        {
            $"create role {Name}_owner login password '{_password}'", $"create role {Name}_service login password '{_password}'",
            $"grant cpf_service to {Name}_service", $"create database {Name} owner {Name}_owner",
        })
        {
            await _servers.ExecuteAsSuperuserAsync(statement);
        }

        await ExecuteAsync(
            new NpgsqlConnectionStringBuilder(_servers.PostgresSuperuser) { Database = Name }.ConnectionString, "create extension vector");
        await BrokerAsync("add_user", Name, _password);
        await BrokerAsync("add_vhost", Name);
        await BrokerAsync("set_permissions", "-p", Name, Name, ".*", ".*", ".*");
        await BrokerAsync(
            "set_policy", "-p", Name, "--apply-to", "queues", "delivery-limit", @"^(?!cpf\.dead-letter$)",
            """{"delivery-limit": 5, "dead-letter-exchange": "cpf.dead-letter"}""");
    }

    private async Task StartServicesAsync()
    {
        File.SetUnixFileMode(_home, ForAll);
        foreach (var folder in new[] { "data", "erasures" })
        {
            File.SetUnixFileMode(Directory.CreateDirectory(Path.Combine(_home, folder)).FullName, ForAll);
        }

        var tools = new Dictionary<string, string> { ["CPF_POSTGRES"] = Login($"{Name}_owner"), ["CPF_POSTGRES_SERVICE"] = Postgres };
        await using var migrate = Begin("Cli", ["migrate"], tools);
        await migrate.ExpectAsync(0);
        await using var add = Begin(
            "Cli",
            [
                "keys", "add", "demo", "--role", "read", "--role", "submit", "--role", "operate", "--role", "train", "--global-keys",
            ], tools);
        var key = (await add.ExpectAsync(0)).Split('\n').Single(line => line.StartsWith("cpf_", StringComparison.Ordinal));
        Client = new HttpClient { Timeout = TimeSpan.FromMinutes(30), DefaultRequestHeaders = { Authorization = new("Bearer", key) } };

        foreach (var service in Services)
        {
            var address = FreeAddress();
            _running[service] = (address, Begin(service, [], Settings(address)));
        }

        foreach (var service in Services)
        {
            await UntilReadyAsync(service);
        }
    }

    private Dictionary<string, string> Settings(Uri address) => new()
    {
        ["ConnectionStrings__Postgres"] = Postgres,
        ["ConnectionStrings__RabbitMq"] = new UriBuilder(_servers.RabbitMq)
        {
            UserName = Name, Password = _password, Path = Name,
        }.Uri.ToString(),
        ["Urls"] = address.ToString().TrimEnd('/'),
        ["Blobs__Folder"] = Path.Combine(_home, "data", "blobs"),
        ["Ingest__TombstoneKeyFile"] = Path.Combine(_home, "data", "tombstone.key"),
        ["Ingest__ErasureRecordFolder"] = Path.Combine(_home, "erasures"),
        ["Trainer__WorkFolder"] = Path.Combine(_home, "data", "trainings"),
        ["OMP_WAIT_POLICY"] = "passive",
        ["DOTNET_EnableDiagnostics"] = "0",
        ["ASPNETCORE_HTTP_PORTS"] = "",
    };

    private UnprivilegedProcess Begin(string program, string[] words, Dictionary<string, string> environment)
    {
        var empty = Directory.CreateDirectory(Path.Combine(_home, $"{program}-{Guid.NewGuid():N}")).FullName;
        File.SetUnixFileMode(empty, ForAll);
        return new UnprivilegedProcess(_image.Assembly(program), words, empty, environment);
    }

    private Task UntilReadyAsync(string service) => Stack.UntilAsync(
        async () =>
        {
            var (address, process) = _running[service];
            Assert.False(process.HasEnded, process.Output);
            try
            {
                using var answer = await Client.GetAsync(new Uri(address, "/health/ready"));
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        },
        $"{service} is ready", TimeSpan.FromMinutes(10));

    private string Login(string user) => new NpgsqlConnectionStringBuilder(_servers.PostgresSuperuser)
    {
        Database = Name, Username = user, Password = _password,
    }.ConnectionString;

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
#pragma warning disable CA2100 // The test's own text.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    private async Task BrokerAsync(params string[] words)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Cli.Checkout, "infra", "local", "rabbitmq.sh"), "ctl", .. words]);
        start.Environment["CPF_HOME"] = _servers.Home;
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private static Uri FreeAddress()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://{listener.LocalEndpoint}");
    }
}
