using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Npgsql;

namespace CpfPipeline.Tests.EndToEnd.Fixtures;

/// <summary>
/// A whole pipeline of its own: private servers and the four real processes in a state folder below the temporary folder,
/// driven through the command line as a user would.
/// </summary>
public sealed class Stack : IAsyncDisposable
{
    private readonly Dictionary<string, string> _settings;

    private Stack(string home, Dictionary<string, string> settings)
    {
        Home = home;
        _settings = settings;
    }

    /// <summary>The state folder.</summary>
    public string Home { get; }

    /// <summary>Starts a pipeline.</summary>
    /// <param name="settings">Environment variables for its services.</param>
    /// <param name="each">Processes of Ingest, Embedder and Matcher; null: as <c>CPF_STACK_EACH</c> says, or one.</param>
    /// <param name="joiners">Joiners; null: as <c>CPF_STACK_JOINERS</c> says, or none.</param>
    public static async Task<Stack> UpAsync(Dictionary<string, string>? settings = null, int? each = null, int? joiners = null)
    {
        var home = Directory.CreateTempSubdirectory("cpf-e2e-").FullName;
        // The servers' own user has to reach its data.
        File.SetUnixFileMode(home, (UnixFileMode)Convert.ToInt32("755", 8));
        var stack = new Stack(home, settings ?? []);
        (await stack.RunAsync(
            "up", "--each", $"{each ?? Setting("CPF_STACK_EACH", 1)}", "--joiners", $"{joiners ?? Setting("CPF_STACK_JOINERS", 0)}"))
            .Expect(0);
        return stack;
    }

    /// <summary>Runs a verb of the command line to its end.</summary>
    public async Task<Outcome> RunAsync(params string[] arguments) => await Cli.RunAsync(Cli.Program, Environment(), arguments);

    /// <summary>Starts a verb and does not wait.</summary>
    public Task<Outcome> Begin(params string[] arguments) => Cli.RunAsync(Cli.Program, Environment(), arguments);

    /// <summary><c>groups --format json</c>.</summary>
    public async Task<string> GroupsAsync() => (await RunAsync("groups", "--format", "json")).Expect(0).Output;

    /// <summary><c>status --json</c>, also while a service is down.</summary>
    public async Task<JsonElement> StatusAsync() => JsonDocument.Parse((await RunAsync("status", "--json")).Output).RootElement;

    /// <summary>A client for a service's HTTP API, with the key of the installation.</summary>
    public async Task<HttpClient> ClientAsync(string service)
    {
        var entry = (await StatusAsync())
            .GetProperty("services").EnumerateArray().Single(s => s.GetProperty("name").GetString() == service);
        var client = new HttpClient { BaseAddress = new Uri(entry.GetProperty("url").GetString()!) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", State().GetProperty("local_key").GetString());
        return client;
    }

    /// <summary>Tells this pipeline's files from those of others.</summary>
    public string Name => Path.GetFileName(Home);

    /// <summary>A client for a service's HTTP API with the key of the installation, also while the service is down.</summary>
    public HttpClient Client(string service, TimeSpan timeout)
    {
        var state = State();
        var port = state.GetProperty("ports").GetProperty(service.ToLowerInvariant()).GetInt32();
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = timeout };
        client.DefaultRequestHeaders.Authorization = new("Bearer", state.GetProperty("local_key").GetString());
        return client;
    }

    /// <summary>
    /// Processes of a component by its key (<c>matcher</c>, <c>postgres</c>, <c>rabbitmq</c>), the server itself first; none while it is
    /// down.
    /// </summary>
    public List<int> PidsOf(string key) => [.. Pids().Where(p => key switch
    {
        "postgres" => p.CommandLine.Contains("/bin/postgres ", StringComparison.Ordinal)
            || p.CommandLine.StartsWith("postgres: ", StringComparison.Ordinal),
        "rabbitmq" => p.CommandLine.Contains("/beam", StringComparison.Ordinal),
        _ => p.CommandLine.Contains($"/CpfPipeline.{key}.dll", StringComparison.OrdinalIgnoreCase),
    }).OrderByDescending(p => p.CommandLine.Contains(" -D", StringComparison.Ordinal)).Select(p => p.Pid)];

    /// <summary>Copies the logs to where they outlive the pipeline.</summary>
    public void KeepLogs(Action<string> tell)
    {
        var kept = Directory.CreateTempSubdirectory("cpf-e2e-logs-").FullName;
        foreach (var log in Directory.EnumerateFiles(Path.Combine(Home, "logs")))
        {
            File.Copy(log, Path.Combine(kept, Path.GetFileName(log)));
        }

        tell($"logs: {kept}");
    }

    /// <summary>Kills a service as a crash would (SIGKILL).</summary>
    public async Task KillAsync(string service)
    {
        using var process = Process.GetProcessById(await PidAsync(service));
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Kills a service or one of the servers (<c>postgres</c>, <c>rabbitmq</c>) as a crash would.</summary>
    public async Task KillAnyAsync(string name)
    {
        if (name is not ("postgres" or "rabbitmq"))
        {
            await KillAsync(name);
            return;
        }

        var sign = name == "postgres" ? "/bin/postgres" : "beam.smp";
        var pid = Pids().Single(p => p.CommandLine.Contains(sign, StringComparison.Ordinal)
            && (name != "postgres" || p.CommandLine.Contains(" -D", StringComparison.Ordinal))).Pid;
        using var process = Process.GetProcessById(pid);
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>How many tiles of joins a process has written, as its metrics say.</summary>
    public async Task<int> TilesOfAsync(string service)
    {
        using var client = await ClientAsync(service);
        var line = (await client.GetStringAsync("/metrics")).Split('\n')
            .FirstOrDefault(l => l.StartsWith("cpf_matcher_tile_duration_seconds_count", StringComparison.Ordinal));
        return line is null ? 0 : (int)double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>The process of a service.</summary>
    public async Task<int> PidAsync(string service) => (await StatusAsync()).GetProperty("services").EnumerateArray()
        .Single(s => s.GetProperty("name").GetString() == service).GetProperty("pid").GetInt32();

    /// <summary>Connection of the service role.</summary>
    public string Postgres
    {
        get
        {
            var state = State();
            return new NpgsqlConnectionStringBuilder
            {
                Host = "127.0.0.1",
                Port = state.GetProperty("ports").GetProperty("postgres").GetInt32(),
                Username = "cpf_service",
                Password = state.GetProperty("service_password").GetString(),
                Database = "cpf",
                Pooling = false,
            }.ConnectionString;
        }
    }

    /// <summary>Connection of the server's superuser (private servers only).</summary>
    public string PostgresSuperuser => new NpgsqlConnectionStringBuilder(Postgres)
    {
        Username = "postgres",
        Password = State().GetProperty("postgres_password").GetString(),
    }.ConnectionString;

    /// <summary>Runs statements as the server's superuser (private servers only).</summary>
    public async Task ExecuteAsSuperuserAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(PostgresSuperuser);
        await connection.OpenAsync();
#pragma warning disable CA2100 // The test's own text.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The whole database as pg_dump writes it.</summary>
    public async Task<string> DumpAsync()
    {
        var state = State();
        var version = (await QueryAsync<string>("select (current_setting('server_version_num')::integer / 10000)::text"))[0];
        var start = new ProcessStartInfo(
            $"/usr/lib/postgresql/{version}/bin/pg_dump",
            ["-h", "127.0.0.1", "-p", $"{state.GetProperty("ports").GetProperty("postgres").GetInt32()}", "-U", "postgres", "-d", "cpf"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PGPASSWORD"] = state.GetProperty("postgres_password").GetString();
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var dump = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? dump : throw new InvalidOperationException(await errors);
    }

    /// <summary>The broker's address.</summary>
    public Uri RabbitMq
    {
        get
        {
            var state = State();
            var password = state.GetProperty("rabbit_mq_password").GetString();
            return new Uri($"amqp://cpf:{password}@127.0.0.1:{state.GetProperty("ports").GetProperty("rabbitmq").GetInt32()}/cpf");
        }
    }

    /// <summary>First column of every row.</summary>
    public async Task<List<T>> QueryAsync<T>(string sql, params object[] parameters)
    {
        await using var connection = new NpgsqlConnection(Postgres);
        await connection.OpenAsync();
#pragma warning disable CA2100 // The test's own text.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<T>();
        while (await reader.ReadAsync())
        {
            values.Add(reader.GetFieldValue<T>(0));
        }

        return values;
    }

    /// <summary>Asks again until the answer is yes.</summary>
    public static async Task UntilAsync(
        Func<Task<bool>> condition, string what, TimeSpan? patience = null, TimeSpan? pause = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > (patience ?? TimeSpan.FromSeconds(60)))
            {
                throw new TimeoutException($"Waited in vain until {what}.");
            }

            await Task.Delay(pause ?? TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>Command lines of processes that run from this state folder.</summary>
    public List<string> Processes() => [.. Pids().Select(p => p.CommandLine)];

    private List<(int Pid, string CommandLine)> Pids()
    {
        var found = new List<(int, string)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(f => int.TryParse(Path.GetFileName(f), out _)))
        {
            try
            {
                var text = File.ReadAllText(Path.Combine(folder, "cmdline")) + File.ReadAllText(Path.Combine(folder, "environ"));
                if (text.Contains(Home, StringComparison.Ordinal))
                {
                    found.Add((int.Parse(Path.GetFileName(folder), System.Globalization.CultureInfo.InvariantCulture),
                        File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ')));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The process has ended, or its id belongs to another process now.
            }
        }

        return found;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        (await RunAsync("down")).Expect(0);
        Directory.Delete(Home, recursive: true);
    }

    // Tests that kill want to see what is left. One that is about the supervisor sets this itself.
    private Dictionary<string, string> Environment()
    {
        var variables = new Dictionary<string, string>(_settings) { ["CPF_HOME"] = Home };
        variables.TryAdd("CPF_SUPERVISE", "0");
        return variables;
    }

    private static int Setting(string name, int usual) =>
        int.TryParse(System.Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : usual;

    private JsonElement State() => JsonDocument.Parse(File.ReadAllText(Path.Combine(Home, "state.json"))).RootElement;
}
