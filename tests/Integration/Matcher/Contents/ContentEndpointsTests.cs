using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CpfPipeline.Data.Ids;
using CpfPipeline.Embedder;
using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Embedder.Samples;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using NetVips;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Contents;

/// <summary>Pictures over HTTP from a Matcher that cannot decode, made by an Embedder, erased by Ingest.</summary>
public sealed class ContentEndpointsTests(TestDatabases databases, TestBroker broker)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Contents_SubmittedLookedAtAndErased_AreShownAndThenNowhere()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var rabbit = await broker.CreateHostAsync(Token);
        await using var embedder = EmbedderService.Build(Settings(harness, rabbit));
        await using var matcher = MatcherService.Build(Settings(harness, rabbit));
        await embedder.StartAsync(Token);
        await matcher.StartAsync(Token);
        using var client = TestKey.Client(new Uri(matcher.Urls.First()));
        using var pixels = Image.Perlin(1200, 800, cellSize: 60, seed: 1);
        using var grey = (pixels * 100 + 128).Cast(Enums.BandFormat.Uchar);
        using var photo = grey.Bandjoin(grey, grey).Copy(interpretation: Enums.Interpretation.Srgb);
        var (jpeg, tiff) = (photo.JpegsaveBuffer(), photo.TiffsaveBuffer());
        using var small = photo.ThumbnailImage(100);
        var png = small.PngsaveBuffer();
        await SubmitAsync(harness, "jpeg", jpeg);
        await SubmitAsync(harness, "tiff", tiff);
        await SubmitAsync(harness, "png", png);

        // Many look at once.
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.GetAsync(Thumbnail(jpeg, 320), Token)));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        await AssertWebPAsync(answers[0], 320, 213);
        await AssertWebPAsync(await client.GetAsync(Thumbnail(jpeg, 960), Token), 960, 640);
        await AssertWebPAsync(await client.GetAsync(Thumbnail(png, 960), Token), 100, 67);
        await AssertWebPAsync(await client.GetAsync(Thumbnail(tiff, 320), Token), 320, 213);
        await AssertWebPAsync(await client.GetAsync(Picture(tiff), Token), 1200, 800);
        await AssertAsStoredAsync(await client.GetAsync(Picture(jpeg), Token), "image/jpeg", jpeg);
        await AssertAsStoredAsync(await client.GetAsync(Picture(png), Token), "image/png", png);
        Assert.Equal([".320.webp", ""], Suffixes(harness, png)); // Not a second file for the larger size.

        // A rendition that was lost comes back.
        File.Delete(Directory.EnumerateFiles(harness.Ingest.Folder, Name(png) + ".320.webp", SearchOption.AllDirectories).Single());
        await AssertWebPAsync(await client.GetAsync(Thumbnail(png, 320), Token), 100, 67);

        await AssertCachedAsync(client, Thumbnail(jpeg, 320));
        await AssertCachedAsync(client, Picture(jpeg));
        Assert.NotEqual(answers[0].Headers.ETag, (await client.GetAsync(Thumbnail(jpeg, 960), Token)).Headers.ETag);
        await AssertProblemAsync(client, Thumbnail(jpeg, 100), HttpStatusCode.BadRequest);
        await AssertProblemAsync(client, $"/contents/{Id(jpeg)}/thumbnail?size=wide", HttpStatusCode.BadRequest);
        await AssertProblemAsync(client, "/contents/17/thumbnail?size=320", HttpStatusCode.NotFound);
        await AssertProblemAsync(client, "/contents/17/picture", HttpStatusCode.NotFound);

        // Not to be seen any more from the request on, and nothing is left in the end.
        var erasures = new[] { await harness.RequestAsync(SHA256.HashData(jpeg)), await harness.RequestAsync("tiff") };
        foreach (var gone in new[] { Thumbnail(jpeg, 320), Thumbnail(jpeg, 960), Picture(jpeg), Thumbnail(tiff, 320), Picture(tiff) })
        {
            await AssertProblemAsync(client, gone, HttpStatusCode.NotFound);
        }

        await harness.FinishAsync(erasures[0], SHA256.HashData(jpeg));
        await harness.FinishAsync(erasures[1], SHA256.HashData(tiff));
        await AssertProblemAsync(client, Thumbnail(jpeg, 320), HttpStatusCode.NotFound);
        await AssertProblemAsync(client, Picture(tiff), HttpStatusCode.NotFound);
        Assert.Empty(harness.Files(SHA256.HashData(jpeg)));
        Assert.Empty(harness.Files(SHA256.HashData(tiff)));
        Assert.Equal([".320.webp", ""], Suffixes(harness, png));
        await matcher.StopAsync(Token);
        await embedder.StopAsync(Token);
    }

    [Fact]
    public async Task Thumbnail_NoEmbedder_IsNotAvailableYet()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        await using var matcher = MatcherService.Build(
            [.. Settings(harness, await broker.CreateHostAsync(Token)), "--Matcher:MaxPictureWait", "00:00:00.3"]);
        await matcher.StartAsync(Token);
        using var client = TestKey.Client(new Uri(matcher.Urls.First()));
        var png = EmbedderHarness.Picture(1);
        await SubmitAsync(harness, "png", png);

        using var answer = await AssertProblemAsync(client, Thumbnail(png, 320), HttpStatusCode.ServiceUnavailable);

        Assert.Equal(TimeSpan.FromMinutes(1), answer.Headers.RetryAfter?.Delta);
        var description = await client.GetFromJsonAsync<JsonObject>("/openapi/v1.json", Token);
        AssertDescribed(description!, "thumbnail", ["200", "304", "400", "404", "503"], ["image/webp"]);
        AssertDescribed(
            description!, "picture", ["200", "304", "404", "503"], ["image/avif", "image/gif", "image/jpeg", "image/png", "image/webp"]);
        await matcher.StopAsync(Token);
    }

    private static void AssertDescribed(JsonObject description, string route, string[] statuses, string[] types)
    {
        foreach (var method in new[] { "get", "head" })
        {
            var answers = description["paths"]![$"/contents/{{contentId}}/{route}"]?[method]?["responses"]?.AsObject();
            Assert.True(answers is not null, $"{method} {route} is not described");
            Assert.Equal(statuses, answers.Select(a => a.Key).Order());
            Assert.Equal(types, answers["200"]!["content"]!.AsObject().Select(c => c.Key).Order());
        }
    }

    private static async Task AssertWebPAsync(HttpResponseMessage answer, int width, int height)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        AssertSafe(answer, "image/webp");
        using var image = Image.NewFromBuffer(await answer.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal((width, height), (image.Width, image.Height));
    }

    private static async Task AssertAsStoredAsync(HttpResponseMessage answer, string type, byte[] bytes)
    {
        AssertSafe(answer, type);
        Assert.Equal(bytes, await answer.Content.ReadAsByteArrayAsync(Token));
    }

    private static void AssertSafe(HttpResponseMessage answer, string type)
    {
        Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("inline", $"{answer.Content.Headers.ContentDisposition}");
        Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(["sandbox; default-src 'none'"], answer.Headers.GetValues("Content-Security-Policy"));
        var caching = answer.Headers.CacheControl!;
        Assert.Equal((true, true, TimeSpan.FromMinutes(1)), (caching.Private, caching.MustRevalidate, caching.MaxAge));
        Assert.False(answer.Headers.ETag!.IsWeak);
    }

    private static async Task AssertCachedAsync(HttpClient client, string path)
    {
        using var whole = await client.GetAsync(path, Token);
        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), Token);
        Assert.Equal((HttpStatusCode.OK, 0), (head.StatusCode, (await head.Content.ReadAsByteArrayAsync(Token)).Length));
        Assert.Equal(whole.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(whole.Headers.ETag!);
        using var same = await client.SendAsync(again, Token);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Equal(whole.Headers.ETag, same.Headers.ETag);
        var other = new HttpRequestMessage(HttpMethod.Get, path);
        other.Headers.IfNoneMatch.Add(new EntityTagHeaderValue("\"other\""));
        using var changed = await client.SendAsync(other, Token);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    private static async Task<HttpResponseMessage> AssertProblemAsync(HttpClient client, string path, HttpStatusCode status)
    {
        var answer = await client.GetAsync(path, Token);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        return answer;
    }

    private static async Task SubmitAsync(ErasureHarness harness, string externalId, byte[] bytes)
    {
        var taken = await harness.Ingest.Intake.TakeAsync([ErasureHarness.Entry(externalId, 1) with { Bytes = bytes }], Token);
        Assert.Null(taken[0].Reason);
    }

    private static string[] Settings(ErasureHarness harness, Uri rabbit) =>
    [
        "--ConnectionStrings:Postgres", harness.Database.ConnectionString, "--ConnectionStrings:RabbitMq", rabbit.ToString(),
        "--Urls", "http://127.0.0.1:0", "--Blobs:Folder", Path.Combine(harness.Ingest.Folder, "blobs"),
    ];

    private static IEnumerable<string> Suffixes(ErasureHarness harness, byte[] picture) =>
        harness.Files(SHA256.HashData(picture)).Select(name => name[64..]).OrderDescending();

    private static string Name(byte[] picture) => Convert.ToHexStringLower(SHA256.HashData(picture));

    private static long Id(byte[] picture) => ContentId.FromSha256(SHA256.HashData(picture));

    private static string Thumbnail(byte[] picture, int size) => $"/contents/{Id(picture)}/thumbnail?size={size}";

    private static string Picture(byte[] picture) => $"/contents/{Id(picture)}/picture";
}
