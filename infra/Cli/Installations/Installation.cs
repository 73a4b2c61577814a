using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Objects;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace CpfPipeline.Cli.Installations;

/// <summary>Where this checkout's servers and services are, and how to speak to them. It holds no processes.</summary>
internal sealed class Installation
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true };

    internal Installation(string checkout, string home, InstallationState state)
    {
        Checkout = checkout;
        Home = home;
        State = state;
    }

    /// <summary>Root of the working tree.</summary>
    public string Checkout { get; }

    /// <summary>The state folder: <c>.cpf</c> of the checkout, or <c>CPF_HOME</c>.</summary>
    public string Home { get; }

    public InstallationState State { get; }

    /// <summary>Twelve hex digits that tell this state folder from every other on the machine.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Home)))[..12];

    public string Logs => Path.Combine(Home, "logs");

    public string Run => Path.Combine(Home, "run");

    /// <summary>Folder of the blobs. Where they lie in a bucket, feeds that are downloaded lie in it.</summary>
    public string Blobs => Given("Blobs__Folder") ?? Path.Combine(Home, "blobs");

    /// <summary>Opens the bucket of the blobs, which the variables <c>Blobs__S3__...</c> name as for the services.</summary>
    /// <returns>Null when the blobs lie in the folder.</returns>
    /// <exception cref="CommandException">The variables cannot be used (2).</exception>
    public ObjectStore? OpenBucket()
    {
        try
        {
            return BlobSettings.Bucket(new ConfigurationBuilder().AddEnvironmentVariables().Build()) is { } options
                ? new ObjectStore(options, TimeProvider.System) : null;
        }
        catch (FormatException e)
        {
            throw CommandException.Usage(e.Message);
        }
    }

    /// <summary>File that is there while a restore is not finished.</summary>
    public string UnfinishedRestore => Path.Combine(Home, "restore.unfinished");

    /// <summary>File in which Ingest keeps the key of tombstones.</summary>
    public string TombstoneKey => Given("Ingest__TombstoneKeyFile") ?? Path.Combine(Home, "tombstone.key");

    /// <summary>Folder in which Ingest keeps the record of erasures.</summary>
    public string ErasureRecords => Given("Ingest__ErasureRecordFolder") ?? Path.Combine(Home, "erasures");

    public string Scripts => Path.Combine(Checkout, "infra", "local");

    /// <summary>A PostgreSQL named by <c>CPF_POSTGRES</c>, as an Npgsql connection string; null when ours is used.</summary>
    public string? ExternalPostgres => Given("CPF_POSTGRES") is { } text ? ConnectionText.Postgres(text) : null;

    /// <summary>A RabbitMQ named by <c>CPF_RABBITMQ</c>; null when ours is used.</summary>
    public string? ExternalRabbitMq => Given("CPF_RABBITMQ") is { } text ? ConnectionText.RabbitMq(text) : null;

    /// <summary>Whether its data is thrown away after use, as that of tests: <c>CPF_THROWAWAY</c> is set.</summary>
    public bool IsThrowaway => Given("CPF_THROWAWAY") is not null;

    /// <summary>
    /// Connection string of the role that the services use; on a server of the user's own that of <c>CPF_POSTGRES_SERVICE</c>, or else of
    /// <c>CPF_POSTGRES</c>.
    /// </summary>
    public string PostgresService => ExternalPostgres is null
        ? Postgres("cpf_service", State.ServicePassword, "cpf")
        : Given("CPF_POSTGRES_SERVICE") is { } text ? ConnectionText.Postgres(text) : ExternalPostgres;

    /// <summary>Connection string of the role that owns the schema and migrates it.</summary>
    public string PostgresOwner => ExternalPostgres ?? Postgres("cpf_owner", State.OwnerPassword, "cpf");

    /// <summary>Address of the role for data teams, for <c>psql</c>; null when the server is the user's own.</summary>
    public string? ReaderUri =>
        ExternalPostgres is null ? $"postgres://cpf_reader:{State.ReaderPassword}@127.0.0.1:{State.Ports[Component.Postgres]}/cpf" : null;

    /// <summary>Connection string of a role that may make databases and roles.</summary>
    public string PostgresSuperuser => ExternalPostgres ?? Postgres("postgres", State.PostgresPassword, "postgres");

    /// <summary>amqp URI with user, password and virtual host.</summary>
    public string RabbitMq => ExternalRabbitMq ?? $"amqp://cpf:{State.RabbitMqPassword}@127.0.0.1:{State.Ports[Component.RabbitMq]}/cpf";

    /// <summary>The key with which this command asks the services.</summary>
    /// <exception cref="CommandException">None was made yet.</exception>
    public string Key => State.LocalKey
        ?? throw CommandException.Infrastructure("this checkout has no key for its services yet: infra/cpf up makes one");

    /// <summary>Every process of a service that it is to have.</summary>
    public IReadOnlyList<Service> Services => Service.Of(State);

    public Uri Url(Service service) => new($"http://127.0.0.1:{State.Ports[service.Key]}");

    /// <summary>Base address of a service by its name: <c>Ingest</c>.</summary>
    public Uri Url(string service) => Url(Service.All.First(s => s.Name == service));

    /// <summary>A client for a service's HTTP API that carries the key.</summary>
    public HttpClient Client(string service)
    {
        Listener.ThrowUnlessOurs(Url(service).Port);

        // A proxy from the environment must not see the key. It could not reach this machine's loopback address either.
        var client = new HttpClient(
            new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Url(service), Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Key);
        return client;
    }

    /// <summary>
    /// Connection string of the role that owns the schema: <c>CPF_POSTGRES</c>, for which no checkout is needed, or that of our own server.
    /// </summary>
    /// <exception cref="CommandException">Neither was given or set up.</exception>
    public static string FindPostgresOwner() =>
        Given("CPF_POSTGRES") is { } text ? ConnectionText.Postgres(text) : Load().PostgresOwner;

    /// <summary>What was set up here before.</summary>
    /// <exception cref="CommandException">Nothing was set up.</exception>
    public static Installation Load()
    {
        var (checkout, home) = Locate() ?? throw Outside();
        return Read(checkout, home)
            ?? throw CommandException.Infrastructure("nothing is set up in this checkout: run infra/cpf up");
    }

    /// <summary>
    /// The same for a command that needs servers and folders only. With <c>CPF_POSTGRES</c> they may be those of services that something
    /// else started: then nothing need have been set up here.
    /// </summary>
    /// <exception cref="CommandException">Nothing was set up, and no server is named.</exception>
    public static Installation LoadServers()
    {
        var (checkout, home) = Locate() ?? throw Outside();
        return Given("CPF_POSTGRES") is null ? Load() : new Installation(checkout, home, Read(home) ?? new InstallationState());
    }

    /// <summary>The same; null when nothing was set up, or this program lies outside of a checkout, as in an image.</summary>
    public static Installation? Find() => Locate() is var (checkout, home) ? Read(checkout, home) : null;

    /// <summary>What was set up here before, or a new installation with secrets but without ports.</summary>
    public static Installation LoadOrCreate()
    {
        var (checkout, home) = Locate() ?? throw Outside();
        // The server of another user (postgres) may have to pass through this folder. The files in it are closed one by one.
        Directory.CreateDirectory(home, UnixFileMode.UserRead
            | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        var installation = new Installation(checkout, home, Read(home) ?? new InstallationState());
        foreach (var folder in new[] { installation.Logs, installation.Run, installation.Blobs })
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return installation;
    }

    /// <summary>Takes over the secrets of another installation, unless this one has its own. They hold when it is loaded again.</summary>
    /// <param name="state">As <c>state.json</c> has them, without ports.</param>
    /// <returns>Whether it took them.</returns>
    public bool TakeSecrets(string state)
    {
        var path = Path.Combine(Home, "state.json");
        if (File.Exists(path))
        {
            return false;
        }

        WritePrivate(path, state);
        return true;
    }

    public void Save() => WritePrivate(Path.Combine(Home, "state.json"), JsonSerializer.Serialize(State, Json));

    /// <summary>Writes a file that only its owner can read, whole or not at all.</summary>
    public static void WritePrivate(string path, string text)
    {
        var unfinished = path + ".new";
        File.Delete(unfinished);
        using (var stream = new FileStream(unfinished, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
    }

    private string Postgres(string user, string password, string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = State.Ports[Component.Postgres],
        Username = user,
        Password = password,
        Database = database,
    }.ConnectionString;

    private static InstallationState? Read(string home)
    {
        var path = Path.Combine(home, "state.json");
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<InstallationState>(File.ReadAllText(path), Json) : null;
        }
        catch (JsonException e)
        {
            throw CommandException.Infrastructure($"{path} cannot be read ({e.Message}); remove it to have new secrets made");
        }
    }

    private static Installation? Read(string checkout, string home) =>
        Read(home) is { Ports.Count: > 0 } state ? new(checkout, home, state) : null;

    private static CommandException Outside() => CommandException.Infrastructure(
        "this executable lies outside a checkout; start it with infra/cpf. Here it knows migrate and keys, with CPF_POSTGRES");

    private static (string Checkout, string Home)? Locate()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CpfPipeline.sln")))
        {
            folder = folder.Parent;
        }

        return folder is null ? null : (folder.FullName, Path.GetFullPath(Given("CPF_HOME") ?? Path.Combine(folder.FullName, ".cpf")));
    }

    private static string? Given(string variable) => GivenText.Of(variable);
}
