using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Api;

/// <summary>A key bound to a source changes nothing of another.</summary>
public sealed class SourceRuleTests(TestDatabases databases, TestBroker broker) : RunningIngest(databases, broker)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Http_KeyBoundToASource_IsRefusedForEveryOther()
    {
        using var shop = TestKey.Client(
            Address, key: await TestKey.MakeAsync(Database, "shop", [AccessRole.Submit, AccessRole.Read], ["mine"]));
        const string Url = "https://example.com/1.jpg";
        object Image(string source) => new { source, external_id = "1", uri = Url };
        object Schedule(string source) => new { source, url = "https://example.com/feed.csv", cron = "@daily", enabled = false };

        await ExpectAsync(HttpStatusCode.Accepted, shop.PostAsJsonAsync("/images", Image("mine"), Token));
        await ExpectAsync(HttpStatusCode.Forbidden, shop.PostAsJsonAsync("/images", Image("other"), Token));
        await ExpectAsync(HttpStatusCode.Forbidden, shop.PostAsJsonAsync("/images", new[] { Image("mine"), Image("other") }, Token));
        await ExpectAsync(HttpStatusCode.Forbidden, shop.PostAsJsonAsync("/images", Image("*"), Token));
        await ExpectAsync(HttpStatusCode.Forbidden, shop.PostAsJsonAsync("/images", Image("MINE"), Token));
        await ExpectAsync(HttpStatusCode.Created, shop.PostAsync("/images/upload", Upload("mine"), Token));
        await ExpectAsync(HttpStatusCode.Forbidden, shop.PostAsync("/images/upload", Upload("other"), Token));
        await ExpectAsync(HttpStatusCode.OK, shop.DeleteAsync("/images/mine/1", Token));
        await ExpectAsync(HttpStatusCode.Forbidden, shop.DeleteAsync("/images/other/1", Token));
        await ExpectAsync(HttpStatusCode.Forbidden, shop.DeleteAsync("/images/other/a%2Fb", Token));
        await ExpectAsync(HttpStatusCode.Forbidden, shop.DeleteAsync("/images?source=other&external_id=1", Token));
        await ExpectAsync(HttpStatusCode.Forbidden, shop.DeleteAsync("/images/other/1?source=mine&external_id=1", Token));

        object Feed(string source, bool snapshot) => new { source, url = "https://example.com/feed.csv", snapshot };
        await ExpectAsync(HttpStatusCode.Accepted, shop.PostAsJsonAsync("/feeds", Feed("mine", false), Token));
        await ExpectAsync(HttpStatusCode.Forbidden, shop.PostAsJsonAsync("/feeds", Feed("other", false), Token));
        await ExpectAsync(HttpStatusCode.Forbidden, shop.PostAsJsonAsync("/feeds", Feed("other", true), Token));
        await ExpectAsync(HttpStatusCode.Forbidden, shop.PostAsJsonAsync("/feeds", new { url = "https://example.com/f.csv" }, Token));
        await ExpectAsync(HttpStatusCode.Forbidden, shop.PostAsJsonAsync("/feeds", new { source = "mine", path = "/etc/passwd" }, Token));
        var others = JsonId.Of((await JsonAsync(await Http.PostAsJsonAsync("/feeds", Feed("other", false), Token))).GetProperty("feed_id"));
        await ExpectAsync(HttpStatusCode.NotFound, shop.PostAsync($"/feeds/{others}/cancel", null, Token));

        await ExpectAsync(HttpStatusCode.Created, shop.PutAsJsonAsync("/feed-schedules/mine", Schedule("mine"), Token));
        await ExpectAsync(HttpStatusCode.Forbidden, shop.PutAsJsonAsync("/feed-schedules/theirs", Schedule("other"), Token));
        await ExpectAsync(HttpStatusCode.Created, Http.PutAsJsonAsync("/feed-schedules/theirs", Schedule("other"), Token));
        await ExpectAsync(HttpStatusCode.Conflict, shop.PutAsJsonAsync("/feed-schedules/theirs", Schedule("mine"), Token));
        await ExpectAsync(HttpStatusCode.NotFound, shop.PostAsync("/feed-schedules/theirs/run", null, Token));
        await ExpectAsync(HttpStatusCode.NotFound, shop.DeleteAsync("/feed-schedules/theirs", Token));
        await ExpectAsync(HttpStatusCode.NoContent, shop.DeleteAsync("/feed-schedules/mine", Token));

        Assert.Equal(0L, await Database.ScalarAsync<long>("select count(*) from cpf.images where source <> 'mine'"));
        Assert.Equal("other", await Database.ScalarAsync<string>("select source from cpf.feed_schedules"));
    }

    private static MultipartFormDataContent Upload(string source)
    {
        var file = new ByteArrayContent(TestPictures.Gif(3));
        file.Headers.ContentType = new MediaTypeHeaderValue("image/gif");
        return new MultipartFormDataContent { { new StringContent(source), "source" }, { file, "file", "a.gif" } };
    }

    private static async Task ExpectAsync(HttpStatusCode status, Task<HttpResponseMessage> request)
    {
        using var answer = await request;
        Assert.True(
            status == answer.StatusCode,
            $"{answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri!.PathAndQuery} answered "
            + $"{(int)answer.StatusCode}, not {(int)status}: {await answer.Content.ReadAsStringAsync()}");
    }
}
