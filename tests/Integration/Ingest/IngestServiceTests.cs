using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Builder;
using RabbitMQ.Client;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest;

/// <summary>The service as it runs: HTTP in front, real broker and database behind.</summary>
public sealed class IngestServiceTests(TestDatabases databases, TestBroker broker) : IAsyncLifetime
{
    private const string Token = "0123456789abcdef";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-service-").FullName;
    private TestDatabase _database = null!;
    private Uri? _host;
    private WebApplication? _app;
    private HttpClient _http = new();

    public async ValueTask InitializeAsync()
    {
        _database = await databases.CreateAsync();
        _host = await broker.CreateHostAsync();
        _app = IngestService.Build([
            "--ConnectionStrings:Postgres", _database.ConnectionString, "--ConnectionStrings:RabbitMq", _host.ToString(),
            "--Blobs:Folder", Path.Combine(_folder, "blobs"), "--Ingest:FileRoots:0", _folder, "--Ingest:OperatorToken", Token,
        ]);
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        await (_database?.DisposeAsync() ?? ValueTask.CompletedTask);

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Health_AnotherTombstoneKey_SaysSo()
    {
        using var good = await _http.GetAsync(new Uri("/health", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        await _database.ExecuteAsync("insert into cpf.tombstone_key (key_check) values ($1)", new TombstoneKey(new byte[32]).Check);

        using var health = await _http.GetAsync(new Uri("/health", UriKind.Relative));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Contains("Ingest:TombstoneKeyFile", await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bus_PlainJsonOfAnyKind_IsProcessed()
    {
        var uri = Picture("p.gif", 1);
        await using var connection = await new ConnectionFactory { Uri = _host! }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await Publish($$"""{"source":"s","externalId":"camel","uri":"{{uri}}"}""", "application/json");
        await Publish($$"""{"source":"s","external_id":"snake","uri":"{{uri}}","product_key":"k","revision":5}""", null);
        await Publish($$"""{"Source":"s","ExternalId":"pascal","Uri":"{{uri}}"}""", "text/plain");
        await Publish($$"""{"source":"s","external_id":"odd","uri":"{{uri}}"}""", "no content type at all");
        await Publish("""{"source":"s","external_id":"no-uri"}""", null);
        await Publish("""{"source":"s"}""", null);
        await Publish("this is no JSON", null);
        await Publish(
            $$$"""
            {"messageId":"{{{Guid.NewGuid()}}}","messageType":["urn:message:CpfPipeline.Contracts:SubmitImage"],
             "message":{"source":"s","externalId":"envelope","uri":"{{{uri}}}"}}
            """,
            "application/vnd.masstransit+json");
        await UntilAsync(async () => (await StatesAsync()).Count == 6);
        Assert.Equal(
            ["camel stored", "envelope stored", "no-uri rejected", "odd stored", "pascal stored", "snake stored"], await StatesAsync());
        await UntilAsync(async () => await CountAsync("cpf.submit-image_error") == 2);
        await UntilAsync(async () => await CountAsync("cpf.submit-image") == 0);

        // The time of sending is the revision: AMQP's timestamp where there is one.
        Assert.Equal(1_700_000_000_000, await _database.ScalarAsync<long>("select revision from cpf.images where external_id = 'camel'"));
        Assert.Equal(5, await _database.ScalarAsync<long>("select revision from cpf.images where external_id = 'snake'"));

        await PublishTo("cpf.retract-image", """{"source":"s","external_id":"snake","revision":6}""", null);
        await UntilAsync(async () => (await StatesAsync()).Contains("snake retracted"));

        Task Publish(string body, string? contentType) => PublishTo("cpf.submit-image", body, contentType);

        async Task PublishTo(string queue, string body, string? contentType)
        {
            var properties = new BasicProperties { Timestamp = new AmqpTimestamp(1_700_000_000) };
            if (contentType is not null)
            {
                properties.ContentType = contentType;
            }

            await channel.BasicPublishAsync("", queue, mandatory: true, properties, Encoding.UTF8.GetBytes(body));
        }

        async Task<uint> CountAsync(string queue)
        {
            await using var probe = await connection.CreateChannelAsync();
            try
            {
                return await probe.MessageCountAsync(queue);
            }
            catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
            {
                return 0; // Not there yet.
            }
        }
    }

    [Fact]
    public async Task Http_SubmitLookUpRetract_GoesThroughTheBus()
    {
        var uri = Picture("q.gif", 2);
        var submitted = await _http.PostAsJsonAsync("/images", new { source = "s", external_id = "a/b c", uri });
        Assert.Equal(HttpStatusCode.Accepted, submitted.StatusCode);
        Assert.Equal("received", (await JsonAsync(submitted)).GetProperty("state").GetString());
        await UntilAsync(
            async () => (await JsonAsync(await _http.GetAsync("/images/s/a/b%20c"))).GetProperty("status").GetString() == "stored");
        Assert.Equal("a/b c", (await JsonAsync(await _http.GetAsync("/images/s/a%2Fb%20c"))).GetProperty("external_id").GetString());

        var batch = await JsonAsync(await _http.PostAsJsonAsync("/images", new object[]
        {
            new { source = "s", external_id = "x", uri = "ftp://h/x" }, new { source = "s" }, new { Source = "s", ExternalId = "y",
                Uri = uri },
        }));
        Assert.Equal(["rejected", "rejected", "received"], batch.EnumerateArray().Select(i => i.GetProperty("state").GetString()));
        Assert.Equal(
            ["unsupported_scheme", "invalid_submission", null], batch.EnumerateArray().Select(i => i.GetProperty("reason").GetString()));

        Assert.Equal("retracted", (await JsonAsync(await _http.DeleteAsync("/images/s/a/b%20c"))).GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.Conflict, (await _http.DeleteAsync("/images/s/a/b%20c?revision=1")).StatusCode);
        Assert.Equal("retracted", (await JsonAsync(await _http.GetAsync("/images/s/a/b%20c"))).GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync("/images/s/unknown")).StatusCode);

        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            (await _http.PostAsJsonAsync("/images", new { source = "s", external_id = "z", uri = "//h/x" })).StatusCode);
        var mixed = await _http.PostAsJsonAsync("/images",
            new object[] { new { source = "s", external_id = "y", uri }, new { source = "s", external_id = "z" } });
        Assert.Equal(HttpStatusCode.MultiStatus, mixed.StatusCode);

        var bad = await _http.PostAsync("/images", new StringContent("{oops", Encoding.UTF8, "application/json"));
        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (bad.StatusCode, bad.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task Http_Upload_StoresAtOnce()
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("s"), "source" }, { new StringContent("up"), "external_id" }, { new StringContent("k"), "product_key" },
            { new ByteArrayContent(TestPictures.Gif(3)), "file", "up.gif" },
        };
        var answer = await _http.PostAsync("/images/upload", form);
        Assert.Equal((HttpStatusCode.Created, "stored"), (answer.StatusCode, (await JsonAsync(answer)).GetProperty("state").GetString()));
        using var several = new MultipartFormDataContent
        {
            { new StringContent("s"), "source" },
            { new ByteArrayContent(
                TestPictures.Gif(4)), "file", "one.gif" }, { new ByteArrayContent("text"u8.ToArray()), "file", "two.gif" },
        };
        var answers = (await JsonAsync(await _http.PostAsync("/images/upload", several))).EnumerateArray()
            .Select(i => $"{i.GetProperty("external_id")} {i.GetProperty("state")}");
        Assert.Equal(["one.gif stored", "two.gif rejected"], answers);
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("a/../b")]
    public async Task Http_IdsOfDots_CanBeLookedUp(string externalId)
    {
        var uri = Picture("dots.gif", 5);
        Assert.Equal(HttpStatusCode.Accepted,
            (await _http.PostAsJsonAsync("/images", new { source = "s", external_id = externalId, uri })).StatusCode);
        var found = await _http.GetAsync($"/images?source=s&external_id={Uri.EscapeDataString(externalId)}");
        Assert.Equal((HttpStatusCode.OK, externalId), (found.StatusCode, (await JsonAsync(found)).GetProperty("external_id").GetString()));

        // Clients of .NET take dots out of paths; others send them.
        Assert.Equal("HTTP/1.1 200 OK", await RawAsync("GET", $"/images/s/{externalId.Replace(".", "%2e", StringComparison.Ordinal)}"));
        Assert.Equal("HTTP/1.1 200 OK", await RawAsync("DELETE", $"/images/s/{externalId.Replace(".", "%2e", StringComparison.Ordinal)}"));
        await UntilAsync(async () => (await StatesAsync()).Contains($"{externalId} retracted"));
    }

    [Fact]
    public async Task Http_Feed_RunsForTheOperatorOnly()
    {
        for (var i = 0; i < 7; i++)
        {
            Picture($"feed/{i}.gif", 100 + i);
        }

        var request = new { path = Path.Combine(_folder, "feed"), source = "f" };
        Assert.Equal(HttpStatusCode.Unauthorized, (await _http.PostAsJsonAsync("/feeds", request)).StatusCode);
        _http.DefaultRequestHeaders.Add("X-Cpf-Operator", Token);
        var accepted = await _http.PostAsJsonAsync("/feeds", request);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var id = (await JsonAsync(accepted)).GetProperty("feed_id").GetInt64();
        await UntilAsync(
            async () => (await JsonAsync(await _http.GetAsync($"/feeds/{id}"))).GetProperty("state").GetString() == FeedState.Finished);
        var feed = await JsonAsync(await _http.GetAsync($"/feeds/{id}?rejections=10"));
        Assert.Equal((7, 7, 0), (feed.GetProperty("rows_total").GetInt32(), feed.GetProperty("stored").GetInt32(),
            feed.GetProperty("rejections").GetArrayLength()));
        Assert.Equal(HttpStatusCode.Conflict, (await _http.PostAsync($"/feeds/{id}/cancel", null)).StatusCode);
        Assert.Equal([id], (await JsonAsync(await _http.GetAsync("/feeds?source=f&limit=5"))).EnumerateArray().Select(
            f => f.GetProperty("feed_id").GetInt64()));
        Assert.Empty((await JsonAsync(await _http.GetAsync("/feeds?source=nobody"))).EnumerateArray());
        Assert.Equal(HttpStatusCode.BadRequest,
            (await _http.PostAsJsonAsync("/feeds", new { request.path, request.source, max_retract = 2 })).StatusCode);
    }

    [Fact]
    public async Task Http_Erasure_IsForTheOperatorAndEndsByItself()
    {
        var (uri, sha256) = (
            Picture("e.gif", 7), Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(TestPictures.Gif(7))));
        await _http.PostAsJsonAsync("/images", new { source = "s", external_id = "e", uri });
        await UntilAsync(async () => (await StatesAsync()).Contains("e stored"));
        var request = new { sha256, who = "officer", note = "case 17" };
        Assert.Equal(HttpStatusCode.Unauthorized, (await _http.PostAsJsonAsync("/erasures", request)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _http.GetAsync("/erasures/1")).StatusCode);
        _http.DefaultRequestHeaders.Add("X-Cpf-Operator", Token);
        Assert.Equal(HttpStatusCode.BadRequest, (await _http.PostAsJsonAsync("/erasures", new { sha256 = "xyz" })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest,
            (await _http.PostAsJsonAsync("/erasures", new { sha256, source = "s", external_id = "e" })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await _http.PostAsJsonAsync("/erasures", new { source = "s" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _http.PostAsJsonAsync("/erasures", new { sha256 = new string('0', 64) })).StatusCode);
        Assert.Equal(
            HttpStatusCode.NotFound, (await _http.PostAsJsonAsync("/erasures", new { source = "s", external_id = "unknown" })).StatusCode);

        var accepted = await _http.PostAsJsonAsync("/erasures", request);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var id = (await JsonAsync(accepted)).GetProperty("erasure_id").GetInt64();
        await UntilAsync(
            async () => (await JsonAsync(await _http.GetAsync($"/erasures/{id}"))).GetProperty("state").GetString() == "finished");

        var receipt = await JsonAsync(await _http.GetAsync($"/erasures/{id}"));
        Assert.Equal(("officer", "case 17", 1), (receipt.GetProperty("who").GetString(), receipt.GetProperty("note").GetString(),
            receipt.GetProperty("counts").GetProperty("images").GetInt32()));
        var again = await _http.PostAsJsonAsync("/erasures", request);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(receipt.GetProperty("record_hash").GetString(), (await JsonAsync(again)).GetProperty("record_hash").GetString());
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_folder, "blobs"), $"{sha256}*", SearchOption.AllDirectories));
        var key = Path.Combine(_folder, "blobs", "tombstone.key");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(key));
        await _http.PostAsJsonAsync("/images", new { source = "s", external_id = "f", uri });
        await UntilAsync(async () => (await StatesAsync()).Contains("f rejected"));
    }

    [Fact]
    public async Task Http_OpenApi_DescribesTheRoutes()
    {
        var paths = (await JsonAsync(await _http.GetAsync("/openapi/v1.json"))).GetProperty("paths").EnumerateObject().Select(p => p.Name)
            .ToArray();
        Assert.Contains("/images", paths);
        Assert.Contains("/feeds/{feedId}", paths);
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync("/health")).StatusCode);
        Assert.Equal("/openapi/v1.json", (await JsonAsync(await _http.GetAsync("/"))).GetProperty("openapi").GetString());
    }

    private async Task<string?> RawAsync(string method, string target)
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(_http.BaseAddress!.Host, _http.BaseAddress.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync();
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        await response.Content.ReadFromJsonAsync<JsonElement>();

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
        }
    }

    private async Task<List<string>> StatesAsync() =>
        [.. (await _database.QueryAsync("select external_id || ' ' || state from cpf.images order by external_id collate \"C\"")).Select(
            r => (string)r[0]!)];

    private string Picture(string name, int n)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, TestPictures.Gif(n));
        return ImageUri.FromPath(path);
    }
}
