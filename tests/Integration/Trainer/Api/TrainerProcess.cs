using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using CpfPipeline.Learning.FirstModels;
using CpfPipeline.Nights.Candidates;
using CpfPipeline.Tests.Integration.Embedder.Samples;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Trainer.Nights.Driver;
using CpfPipeline.Trainer;
using CpfPipeline.Vision.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Api;

/// <summary>
/// The Trainer as it runs, with the rights of a service, on a real database and broker; only candidates come from a stand-in.
/// </summary>
internal sealed class TrainerProcess : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TrainerProcess(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.Single());
        Client = TestKey.Client(Address);
    }

    public Uri Address { get; }

    /// <summary>Sends the key of the tests.</summary>
    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<TrainerProcess> StartAsync(RunHarness harness, Uri broker, params string[] settings)
    {
        var service = new NpgsqlConnectionStringBuilder(harness.Database.ConnectionString) { Options = "-c role=cpf_service" };
        var app = TrainerService.Build(
            [
                "--ConnectionStrings:Postgres", service.ConnectionString,
                "--ConnectionStrings:RabbitMq", broker.ToString(),
                "--Blobs:Folder", harness.BlobFolder,
                "--Trainer:WorkFolder", harness.Settings.WorkFolder,
                "--Trainer:MaxChurn", "1",
                "--Trainer:Schedule", "",
                .. settings,
            ],
            (_, _, _) => new FirstModelFiles(
                BackboneFile.Load(TinyModels.Backbone(), "backbone"), HeadFile.Load(TinyModels.Head(), "head"), .9, "{}"),
            services => services.AddSingleton<ICandidateBuilder>(harness.Builder));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new TrainerProcess(app);
    }

    public Task<HttpResponseMessage> PostAsync(string path, string? body = null, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null
            ? null : new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")) };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task<JsonNode> GetAsync(string path) =>
        JsonNode.Parse(await Client.GetStringAsync(path, TestContext.Current.CancellationToken))!;

    /// <summary>Waits for a run's end.</summary>
    public async Task<JsonNode> EndOfAsync(string url)
    {
        JsonNode run = new JsonObject();
        await Until.TrueAsync(async () => (string)(run = await GetAsync(url))["state"]! is not ("queued" or "running"));
        return run;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
