using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using RabbitMQ.Client;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Pipeline;

/// <summary>Producers that know nothing of .NET: a plain AMQP client, and HTTP.</summary>
public sealed class ForeignProducerTests(SharedStack shared)
{
    [Fact]
    public async Task PlainJson_PublishedByABareAmqpClient_IsProcessedAndAMalformedOneAffectsNoOther()
    {
        var folder = shared.NewFolder();
        var name = PictureFolder.Fill(folder, "google", 1, skip: 900)[0];
        var uri = new Uri(Path.Combine(folder, name + ".png")).AbsoluteUri;
        var factory = new ConnectionFactory { Uri = shared.Stack.RabbitMq };
        await using (var connection = await factory.CreateConnectionAsync())
        await using (var channel = await connection.CreateChannelAsync())
        {
            foreach (var body in new[]
            {
                "this is not json",
                """{"source": "amqp"}""",
                $$"""{"source": "amqp", "external_id": "snake", "uri": "{{uri}}", "product_key": "k1"}""",
                $$"""{"source": "amqp", "externalId": "camel", "uri": "{{uri}}", "revision": 5}""",
            })
            {
                await channel.BasicPublishAsync(string.Empty, "cpf.submit-image", Encoding.UTF8.GetBytes(body));
            }
        }

        await Stack.UntilAsync(
            async () => (await shared.Stack.QueryAsync<long>(
                "select count(*) from cpf.image_status where source = 'amqp' and status = 'matched'"))[0] == 2,
            "both good messages are matched");
        Assert.Equal(["snake k1"], await shared.Stack.QueryAsync<string>(
            "select external_id || ' ' || product_key from cpf.images where source = 'amqp' and product_key is not null"));
        Assert.Equal(
            [5], await shared.Stack.QueryAsync<long>("select revision from cpf.images where source = 'amqp' and external_id = 'camel'"));
    }

    [Fact]
    public async Task Http_SubmitStatusUploadDelete_FollowTheImage()
    {
        var folder = shared.NewFolder();
        var names = PictureFolder.Fill(folder, "twitter", 2, skip: 950);
        using var ingest = await shared.Stack.ClientAsync("Ingest");
        using var matcher = await shared.Stack.ClientAsync("Matcher");
        var before = (await shared.Stack.QueryAsync<long>("select coalesce(max(seq), 0) from cpf.group_events"))[0];

        var accepted = await ingest.PostAsJsonAsync("/images",
            new { source = "http", external_id = "a/b c.png", uri = new Uri(Path.Combine(folder, names[0] + ".png")).AbsoluteUri });
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        using (var form = new MultipartFormDataContent
        {
            { new StringContent("http"), "source" },
            { new StringContent("uploaded"), "external_id" },
            { new ByteArrayContent(await File.ReadAllBytesAsync(Path.Combine(folder, names[0] + ".png"))), "file", "x.png" },
        })
        {
            var uploaded = await ingest.PostAsync("/images/upload", form);
            Assert.True(uploaded.IsSuccessStatusCode, await uploaded.Content.ReadAsStringAsync());
        }

        await Stack.UntilAsync(async () =>
            await StatusOf(ingest, "a/b c.png") == "matched" && await StatusOf(ingest, "uploaded") == "matched", "both images are matched");
        var group = await matcher.GetFromJsonAsync<JsonElement>("/groups?source=http&external_id=uploaded");
        Assert.Contains("a/b c.png", group.ToString(), StringComparison.Ordinal);

        Assert.True((await ingest.DeleteAsync("/images/http/a/b%20c.png")).IsSuccessStatusCode);
        Assert.True((await ingest.DeleteAsync("/images/http/uploaded")).IsSuccessStatusCode);
        await Stack.UntilAsync(
            async () => (await shared.Stack.QueryAsync<long>(
                "select count(*) from cpf.image_status where source = 'http' and state = 'retracted'"))[0] == 2,
            "both images are retracted");
        await Stack.UntilAsync(async () =>
        {
            var changes = await matcher.GetFromJsonAsync<JsonElement>($"/changes?after={before}");
            return changes.ToString().Contains("\"left\"", StringComparison.Ordinal);
        }, "the content's leaving is told");
        Assert.Equal(HttpStatusCode.NotFound, (await ingest.GetAsync("/images/http/never-heard-of")).StatusCode);
    }

    [Fact]
    public async Task Http_PrivateAddress_IsRejected()
    {
        using var ingest = await shared.Stack.ClientAsync("Ingest");
        await ingest.PostAsJsonAsync("/images", new { source = "ssrf", external_id = "meta", uri = "http://127.0.0.1:1/x.png" });
        await Stack.UntilAsync(async () => await StatusOf(ingest, "meta", "ssrf") == "rejected", "the image is rejected");
        Assert.Equal(
            ["private_address"], await shared.Stack.QueryAsync<string>("select reject_reason from cpf.images where source = 'ssrf'"));
    }

    private static async Task<string?> StatusOf(HttpClient ingest, string externalId, string source = "http")
    {
        var answer = await ingest.GetAsync($"/images/{source}/{string.Join('/', externalId.Split('/').Select(Uri.EscapeDataString))}");
        return answer.IsSuccessStatusCode
            ? (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetString() : null;
    }
}
