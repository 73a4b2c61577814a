using System.Net;
using System.Net.Http.Json;
using System.Text;
using CpfPipeline.Data.Erasures;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using RabbitMQ.Client;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest;

public sealed class IngestServiceTests(TestDatabases databases, TestBroker broker) : RunningIngest(databases, broker)
{
    [Fact]
    public async Task Health_AnotherTombstoneKey_SaysSo()
    {
        using var good = await Http.GetAsync(new Uri("/health", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        await Database.ExecuteAsync("insert into cpf.tombstone_key (key_check) values ($1)", new TombstoneKey(new byte[32]).Check);

        // A look may be a second old.
        HttpResponseMessage health = null!;
        await Until.TrueAsync(async () =>
            (health = await Http.GetAsync(new Uri("/health", UriKind.Relative))).StatusCode == HttpStatusCode.ServiceUnavailable);

        Assert.Contains("Ingest:TombstoneKeyFile", await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bus_PlainJsonOfAnyKind_IsProcessed()
    {
        var uri = Picture("p.gif", 1);
        await using var connection = await new ConnectionFactory { Uri = Host! }.CreateConnectionAsync();
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
        await Until.TrueAsync(async () => (await StatesAsync()).Count == 6);
        Assert.Equal(
            ["camel stored", "envelope stored", "no-uri rejected", "odd stored", "pascal stored", "snake stored"], await StatesAsync());
        await Until.TrueAsync(async () => await CountAsync("cpf.submit-image_error") == 2);
        await Until.TrueAsync(async () => await CountAsync("cpf.submit-image") == 0);

        // The time of sending is the revision: AMQP's timestamp where there is one.
        Assert.Equal(1_700_000_000_000, await Database.ScalarAsync<long>("select revision from cpf.images where external_id = 'camel'"));
        Assert.Equal(5, await Database.ScalarAsync<long>("select revision from cpf.images where external_id = 'snake'"));

        await PublishTo("cpf.retract-image", """{"source":"s","external_id":"snake","revision":6}""", null);
        await Until.TrueAsync(async () => (await StatesAsync()).Contains("snake retracted"));

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
        var submitted = await Http.PostAsJsonAsync("/images", new { source = "s", external_id = "a/b c", uri });
        Assert.Equal(HttpStatusCode.Accepted, submitted.StatusCode);
        Assert.Equal("received", (await JsonAsync(submitted)).GetProperty("state").GetString());
        await Until.TrueAsync(
            async () => (await JsonAsync(await Http.GetAsync("/images/s/a/b%20c"))).GetProperty("status").GetString() == "stored");
        Assert.Equal("a/b c", (await JsonAsync(await Http.GetAsync("/images/s/a%2Fb%20c"))).GetProperty("external_id").GetString());

        var batch = await JsonAsync(await Http.PostAsJsonAsync("/images", new object[]
        {
            new { source = "s", external_id = "x", uri = "ftp://h/x" }, new { source = "s" }, new { Source = "s", ExternalId = "y",
                Uri = uri },
        }));
        Assert.Equal(["rejected", "rejected", "received"], batch.EnumerateArray().Select(i => i.GetProperty("state").GetString()));
        Assert.Equal(
            ["unsupported_scheme", "invalid_submission", null], batch.EnumerateArray().Select(i => i.GetProperty("reason").GetString()));

        Assert.Equal("retracted", (await JsonAsync(await Http.DeleteAsync("/images/s/a/b%20c"))).GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.Conflict, (await Http.DeleteAsync("/images/s/a/b%20c?revision=1")).StatusCode);
        Assert.Equal("retracted", (await JsonAsync(await Http.GetAsync("/images/s/a/b%20c"))).GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await Http.GetAsync("/images/s/unknown")).StatusCode);

        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            (await Http.PostAsJsonAsync("/images", new { source = "s", external_id = "z", uri = "//h/x" })).StatusCode);
        var mixed = await Http.PostAsJsonAsync("/images",
            new object[] { new { source = "s", external_id = "y", uri }, new { source = "s", external_id = "z" } });
        Assert.Equal(HttpStatusCode.MultiStatus, mixed.StatusCode);

        var bad = await Http.PostAsync("/images", new StringContent("{oops", Encoding.UTF8, "application/json"));
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
        var answer = await Http.PostAsync("/images/upload", form);
        Assert.Equal((HttpStatusCode.Created, "stored"), (answer.StatusCode, (await JsonAsync(answer)).GetProperty("state").GetString()));
        using var several = new MultipartFormDataContent
        {
            { new StringContent("s"), "source" },
            { new ByteArrayContent(
                TestPictures.Gif(4)), "file", "one.gif" }, { new ByteArrayContent("text"u8.ToArray()), "file", "two.gif" },
        };
        var answers = (await JsonAsync(await Http.PostAsync("/images/upload", several))).EnumerateArray()
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
            (await Http.PostAsJsonAsync("/images", new { source = "s", external_id = externalId, uri })).StatusCode);
        var found = await Http.GetAsync($"/images?source=s&external_id={Uri.EscapeDataString(externalId)}");
        Assert.Equal((HttpStatusCode.OK, externalId), (found.StatusCode, (await JsonAsync(found)).GetProperty("external_id").GetString()));

        // Clients of .NET take dots out of paths; others send them.
        Assert.Equal("HTTP/1.1 200 OK", await RawAsync("GET", $"/images/s/{externalId.Replace(".", "%2e", StringComparison.Ordinal)}"));
        Assert.Equal("HTTP/1.1 200 OK", await RawAsync("DELETE", $"/images/s/{externalId.Replace(".", "%2e", StringComparison.Ordinal)}"));
        await Until.TrueAsync(async () => (await StatesAsync()).Contains($"{externalId} retracted"));
    }

    [Fact]
    public async Task Http_OpenApi_DescribesTheRoutes()
    {
        var paths = (await JsonAsync(await Http.GetAsync("/openapi/v1.json"))).GetProperty("paths").EnumerateObject().Select(p => p.Name)
            .ToArray();
        Assert.Contains("/images", paths);
        Assert.Contains("/feeds/{feedId}", paths);
        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync("/health")).StatusCode);
        Assert.Equal("/openapi/v1.json", (await JsonAsync(await Http.GetAsync("/"))).GetProperty("openapi").GetString());
    }

    private async Task<string?> RawAsync(string method, string target)
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(Http.BaseAddress!.Host, Http.BaseAddress.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"{method} {target} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {TestKey.Text}\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync();
    }
}
