using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CpfPipeline.Ingest;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Api;

public sealed class IngestDescriptionTests(TestDatabases databases, TestBroker broker)
{
    private const string Token = "0123456789abcdef";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_EveryGetAndWhatTakesImages_AreAsDescribed()
    {
        await using var database = await databases.CreateAsync(Cancel);
        var folder = Directory.CreateTempSubdirectory("cpf-description-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "feed"));
        await File.WriteAllTextAsync(Path.Combine(folder, "feed", "broken.gif"), "no picture", Cancel);
        await using var app = IngestService.Build([
            "--ConnectionStrings:Postgres", database.ConnectionString, "--ConnectionStrings:RabbitMq",
            (await broker.CreateHostAsync(Cancel)).ToString(), "--Blobs:Folder", Path.Combine(folder, "blobs"), "--Ingest:FileRoots:0",
            folder,
        ]);
        await app.StartAsync(Cancel);
        using var client = TestKey.Client(new Uri(app.Urls.First()));
        var description = await ApiDescription.ReadAsync(client);

        var image = new { source = "s", external_id = "1", uri = "file:///nowhere.png" };
        using var one = await client.PostAsJsonAsync("/images", image, Cancel);
        Assert.IsType<JsonObject>(await description.CompareAsync("/images", "post", one));
        using var several = await client.PostAsJsonAsync("/images", new[] { image }, Cancel);
        Assert.IsType<JsonArray>(await description.CompareAsync("/images", "post", several));
        using var form = new MultipartFormDataContent
        {
            { new StringContent("s"), "source" }, { new StringContent("up"), "external_id" },
            { new ByteArrayContent(TestPictures.Gif(3)), "file", "up.gif" },
        };
        using var uploaded = await client.PostAsync("/images/upload", form, Cancel);
        Assert.IsType<JsonObject>(await description.CompareAsync("/images/upload", "post", uploaded));
        using var read = await client.PostAsJsonAsync("/feeds", new { path = Path.Combine(folder, "feed"), source = "f" }, Cancel);
        var feed = (await description.CompareAsync("/feeds", "post", read))["feed_id"];
        using var put = await client.PutAsJsonAsync(
            "/feed-schedules/nightly", new { cron = "@daily", source = "f", url = "https://shop.example/feed.csv" }, Cancel);
        Assert.IsType<JsonObject>(await description.CompareAsync("/feed-schedules/{name}", "put", put));
        using var asked = await client.PostAsJsonAsync("/erasures", new { source = "s", external_id = "up" }, Cancel);
        var erasure = (await description.CompareAsync("/erasures", "post", asked))["erasure_id"];

        await description.GetAsync("/images/{source}/{externalId}", "/images/s/1");
        await description.GetAsync("/images", "/images?source=s&external_id=1");
        await description.GetAsync("/feeds", "/feeds?source=f");
        await description.GetAsync("/feeds/{feedId}", $"/feeds/{feed}?rejections=10");
        await description.GetAsync("/feed-schedules", "/feed-schedules");
        await description.GetAsync("/feed-schedules/{name}", "/feed-schedules/nightly");
        await description.GetAsync("/erasures/{erasureId}", $"/erasures/{erasure}");
        description.AssertAllAsked();
        await app.StopAsync(Cancel);
        Directory.Delete(folder, recursive: true);
    }
}
