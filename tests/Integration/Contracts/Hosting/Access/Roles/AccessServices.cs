using CpfPipeline.Embedder;
using CpfPipeline.Ingest;
using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Trainer.Api;
using CpfPipeline.Tests.Integration.Trainer.Nights.Driver;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Hosting.Access.Roles;

/// <summary>The four services as they run, with the rights of services, on one database and one broker.</summary>
public sealed class AccessServices(TestDatabases databases, TestBroker broker) : IAsyncLifetime
{
    /// <summary>The tests that share them.</summary>
    public const string Collection = "the four services";

    private readonly List<WebApplication> _apps = [];
    private readonly Dictionary<string, (Uri Address, IServiceProvider Services)> _services = [];
    private RunHarness? _harness;
    private TrainerProcess? _trainer;

    public static IReadOnlyList<string> Names { get; } = ["Ingest", "Embedder", "Matcher", "Trainer"];

    public TestDatabase Database => _harness!.Database;

    public async ValueTask InitializeAsync()
    {
        _harness = await RunHarness.CreateAsync(databases, contents: 5);
        var host = await broker.CreateHostAsync();
        string[] settings =
        [
            "--ConnectionStrings:Postgres",
            new NpgsqlConnectionStringBuilder(Database.ConnectionString) { Options = "-c role=cpf_service" }.ConnectionString,
            "--ConnectionStrings:RabbitMq", host.ToString(), "--Blobs:Folder", _harness.BlobFolder,
        ];
        await Task.WhenAll(
            StartAsync("Ingest", IngestService.Build(settings)), StartAsync("Embedder", EmbedderService.Build(settings)),
            StartAsync("Matcher", MatcherService.Build(settings)));
        _trainer = await TrainerProcess.StartAsync(_harness, host);
        _services["Trainer"] = (_trainer.Address, _trainer.Services);
    }

    public Uri Address(string service) => _services[service].Address;

    /// <summary>Every endpoint of a service that has a route.</summary>
    internal IEnumerable<RouteEndpoint> Endpoints(string service) =>
        _services[service].Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    public async ValueTask DisposeAsync()
    {
        await (_trainer?.DisposeAsync() ?? ValueTask.CompletedTask);
        await Task.WhenAll(_apps.Select(a => a.StopAsync()));
        foreach (var app in _apps)
        {
            await app.DisposeAsync();
        }

        await (_harness?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private async Task StartAsync(string name, WebApplication app)
    {
        lock (_apps)
        {
            _apps.Add(app);
        }

        await app.StartAsync();
        lock (_services)
        {
            _services[name] = (new Uri(app.Urls.First()), app.Services);
        }
    }
}
