using System.Text.Json;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Embedder;
using CpfPipeline.Embedder.Serving;
using CpfPipeline.Hosting.Outbox;
using CpfPipeline.Tests.Integration.Embedder.Samples;
using CpfPipeline.Tests.Integration.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace CpfPipeline.Tests.Integration.Embedder;

/// <summary>The service on a real broker: what comes in on its queues ends as rows.</summary>
public sealed class EmbedderServiceTests(TestDatabases databases, TestBroker broker)
{

    [Fact]
    public async Task Service_EventsCommandsAndActivation_EmbedAndSwitchWithoutRestart()
    {
        await using var harness = new EmbedderHarness(await databases.CreateAsync(TestContext.Current.CancellationToken));
        var first = await TinyModels.ActivateAsync(harness.Models, harness.Blobs, TinyModels.Backbone(), TinyModels.Head());
        var ids = new List<long>();
        for (var i = 0; i < 300; i++)
        {
            ids.Add(await harness.StoreAsync(EmbedderHarness.Picture(i)));
        }

        await using var service = await StartAsync(harness);
        await PublishAsync(harness, service, [.. ids.Select(id => new ContentStored { ContentId = id })]);
        await Until.TrueAsync(async () => (await harness.EmbeddingsAsync(first)).Count == ids.Count);

        var second = await TinyModels.ActivateAsync(harness.Models, harness.Blobs, TinyModels.Backbone(), TinyModels.Head(2));
        var serving = service.Services.GetRequiredService<ServingModels>();
        await PublishAsync(harness, service, new ModelActivated { ModelId = second.ModelId, HeadId = second.HeadId });
        await Until.TrueAsync(() => Task.FromResult(serving.Current.Any(m => m.ModelId == second.ModelId)));
        await PublishAsync(harness, service, new EmbedContents { ContentIds = ids });
        await Until.TrueAsync(async () => (await harness.EmbeddingsAsync(second)).Count == ids.Count);

        using var http = TestKey.Client(new Uri(service.Urls.First()));
        using var health = JsonDocument.Parse(await http.GetStringAsync("/health"));
        Assert.True(health.RootElement.GetProperty("ready").GetBoolean());
        var details = health.RootElement.GetProperty("details");
        Assert.Contains(details.GetProperty("execution_provider").GetString(), new[] { "CPU", "CUDA" });
        Assert.Equal(second.ModelId, JsonId.Of(details.GetProperty("models")[0].GetProperty("model_id")));
        var standing = details.GetProperty("decode_walls").GetProperty("standing").EnumerateArray().Select(w => w.GetString());
        Assert.Contains("system_calls", standing);
        Assert.Equal(Environment.ProcessorCount, details.GetProperty("decoders").GetProperty("running").GetInt32());
        Assert.Equal(0, details.GetProperty("decoders").GetProperty("crashed").GetInt32());
        await service.StopAsync();
    }

    [Fact]
    public async Task Service_ContentWhoseMessageWasLost_IsEmbeddedAllTheSame()
    {
        await using var harness = new EmbedderHarness(await databases.CreateAsync(TestContext.Current.CancellationToken));
        var model = await TinyModels.ActivateAsync(harness.Models, harness.Blobs, TinyModels.Backbone(), TinyModels.Head());
        await harness.StoreAsync(EmbedderHarness.Picture(1));

        await using var service = await StartAsync(harness, "--Embedder:RepairEvery", "00:00:01");

        await Until.TrueAsync(async () => (await harness.EmbeddingsAsync(model)).Count == 1);
        await service.StopAsync();
    }

    [Fact]
    public async Task Health_NoModel_IsReadyAndSaysSo()
    {
        await using var harness = new EmbedderHarness(await databases.CreateAsync(TestContext.Current.CancellationToken));
        await using var service = await StartAsync(harness);
        using var http = TestKey.Client(new Uri(service.Urls.First()));

        await Until.TrueAsync(async () => (await http.GetAsync("/health")).IsSuccessStatusCode);

        Assert.Contains("\"models\":\"no model\"", await http.GetStringAsync("/health"), StringComparison.Ordinal);
        await service.StopAsync();
    }

    private async Task<WebApplication> StartAsync(EmbedderHarness harness, params string[] settings)
    {
        var service = EmbedderService.Build(
        [
            "--ConnectionStrings:Postgres", harness.Database.ConnectionString,
            "--ConnectionStrings:RabbitMq", (await broker.CreateHostAsync()).ToString(),
            "--Blobs:Folder", harness.BlobFolder,
            .. settings,
        ]);
        await service.StartAsync();
        return service;
    }

    private static async Task PublishAsync(EmbedderHarness harness, WebApplication service, params object[] messages)
    {
        await using var connection = await harness.Database.DataSource.OpenConnectionAsync();
        var rows = await OutboxStore.AppendAsync(connection, messages, CancellationToken.None);
        await service.Services.GetRequiredService<OutboxDispatcher>().DispatchAsync(rows, CancellationToken.None);
    }
}
