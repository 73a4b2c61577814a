using System.Net.Http.Json;
using System.Text.Json;
using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Guard;
using CpfPipeline.Tests.Integration.Fixtures;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Samples;

/// <summary>The service as it runs: HTTP in front, real broker and database behind.</summary>
public abstract class RunningIngest(TestDatabases databases, TestBroker broker) : IAsyncLifetime
{
    private WebApplication? _app;

    protected string Folder { get; } = Directory.CreateTempSubdirectory("cpf-service-").FullName;

    protected TestDatabase Database { get; private set; } = null!;

    protected Uri? Host { get; private set; }

    /// <summary>Sends the key of the tests.</summary>
    protected HttpClient Http { get; private set; } = new();

    protected Uri Address => new(_app!.Urls.First());

    /// <summary>Further settings of the service, as on a command line.</summary>
    protected virtual IReadOnlyList<string> Settings => [];

    /// <summary>How the service reaches the database: directly.</summary>
    protected virtual string WayToPostgres(string connectionString) => connectionString;

    /// <summary>How it reaches the broker: directly.</summary>
    protected virtual Uri WayToRabbitMq(Uri address) => address;

    /// <summary>What fetches go through; null for the system's own.</summary>
    private protected virtual INetwork? Network => null;

    public virtual async ValueTask InitializeAsync()
    {
        Database = await databases.CreateAsync();
        Host = await broker.CreateHostAsync();
        _app = IngestService.Build([
            "--ConnectionStrings:Postgres", WayToPostgres(Database.ConnectionString),
            "--ConnectionStrings:RabbitMq", WayToRabbitMq(Host).ToString(),
            "--Blobs:Folder", Path.Combine(Folder, "blobs"), "--Ingest:FileRoots:0", Folder,
            .. Settings,
        ], Network);
        await _app.StartAsync();
        Http = TestKey.Client(Address);
    }

    public virtual async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        await (Database?.DisposeAsync() ?? ValueTask.CompletedTask);

        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected static async Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        await response.Content.ReadFromJsonAsync<JsonElement>();

    protected async Task<List<string>> StatesAsync() =>
        [.. (await Database.QueryAsync("select external_id || ' ' || state from cpf.images order by external_id collate \"C\"")).Select(
            r => (string)r[0]!)];

    protected string Picture(string name, int n)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, TestPictures.Gif(n));
        return ImageUri.FromPath(path);
    }
}
