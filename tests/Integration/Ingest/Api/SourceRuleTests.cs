using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
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
        foreach (var uri in new[] { "file:///data/other/1.jpg", "FILE:///data/1.jpg", "s3://bucket/other/1.jpg" })
        {
            var image = new { source = "mine", external_id = "2", uri };
            await ExpectAsync(HttpStatusCode.Forbidden, shop.PostAsJsonAsync("/images", image, Token));
        }

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
        await ExpectAsync(HttpStatusCode.NotFound, shop.PostAsync("/feed-schedules/theirs/run", null, Token));
        await ExpectAsync(HttpStatusCode.NotFound, shop.DeleteAsync("/feed-schedules/theirs", Token));
        await ExpectAsync(HttpStatusCode.NotFound, shop.DeleteAsync("/feed-schedules/theirs?source=other", Token));
        await ExpectAsync(HttpStatusCode.NoContent, shop.DeleteAsync("/feed-schedules/mine", Token));

        Assert.Equal(0L, await Database.ScalarAsync<long>("select count(*) from cpf.images where source <> 'mine'"));
        Assert.Equal("other", await Database.ScalarAsync<string>("select source from cpf.feed_schedules"));

        // Names are those of a source: nobody takes one from another, and who sees several says which.
        await ExpectAsync(HttpStatusCode.Created, shop.PutAsJsonAsync("/feed-schedules/theirs", Schedule("mine"), Token));
        await ExpectAsync(HttpStatusCode.Conflict, Http.GetAsync("/feed-schedules/theirs", Token));
        await ExpectAsync(HttpStatusCode.OK, Http.GetAsync("/feed-schedules/theirs?source=other", Token));
        var told = await JsonAsync(await shop.GetAsync("/feed-schedules/theirs?source=mine", Token));
        Assert.Equal("mine", told.GetProperty("source").GetString());

        // What was refused is in the audit, with its source.
        Assert.Equal(
            2L, await Database.ScalarAsync<long>(
                "select count(*) from cpf.audit where who = 'shop' and outcome = 'refused' and target = 'POST /images/' "
                + "and detail in ('source MINE', 'source *')"));
        Assert.Equal(
            1L, await Database.ScalarAsync<long>(
                "select count(*) from cpf.audit where who = 'shop' and target = 'POST /feeds/{feedId:long}/cancel' "
                + "and detail = 'source other'"));
    }

    [Fact]
    public async Task Http_KeyThatSubmitsOnly_SeesWhatItsSourcesSubmittedAndNothingElse()
    {
        using var shop = TestKey.Client(Address, key: await TestKey.MakeAsync(Database, "only", [AccessRole.Submit], ["mine"]));
        object Feed(string source) => new { source, url = "https://example.com/feed.csv" };
        object Schedule(string source) => new { source, url = "https://example.com/feed.csv", cron = "@daily", enabled = false };
        var ids = new Dictionary<string, string>();
        foreach (var source in new[] { "mine", "other" })
        {
            await ExpectAsync(HttpStatusCode.OK, Http.DeleteAsync($"/images/{source}/1", Token));
            ids[source] = JsonId.Of((await JsonAsync(await Http.PostAsJsonAsync("/feeds", Feed(source), Token))).GetProperty("feed_id"))
                .ToString(CultureInfo.InvariantCulture);
            await ExpectAsync(HttpStatusCode.Created, Http.PutAsJsonAsync($"/feed-schedules/{source}", Schedule(source), Token));
        }

        await ExpectAsync(HttpStatusCode.OK, shop.GetAsync("/images/mine/1", Token));
        await ExpectAsync(HttpStatusCode.OK, shop.GetAsync("/images?source=mine&external_id=1", Token));
        await ExpectAsync(HttpStatusCode.NotFound, shop.GetAsync("/images/other/1", Token));
        await ExpectAsync(HttpStatusCode.NotFound, shop.GetAsync("/images?source=other&external_id=1", Token));
        await ExpectAsync(HttpStatusCode.OK, shop.GetAsync($"/feeds/{ids["mine"]}?rejections=10", Token));
        await ExpectAsync(HttpStatusCode.NotFound, shop.GetAsync($"/feeds/{ids["other"]}?rejections=10", Token));
        await ExpectAsync(HttpStatusCode.OK, shop.GetAsync("/feed-schedules/mine", Token));
        await ExpectAsync(HttpStatusCode.NotFound, shop.GetAsync("/feed-schedules/other", Token));
        foreach (var list in new[] { "/feeds", "/feeds?source=other", "/feeds?limit=1000", "/feed-schedules" })
        {
            var told = await JsonAsync(await shop.GetAsync(list, Token));
            Assert.DoesNotContain("other", told.EnumerateArray().Select(l => l.GetProperty("source").GetString()));
        }

        Assert.Equal(1, (await JsonAsync(await shop.GetAsync("/feeds", Token))).GetArrayLength());
        Assert.Equal(2, (await JsonAsync(await Http.GetAsync("/feeds", Token))).GetArrayLength());
        await ExpectAsync(HttpStatusCode.Forbidden, shop.GetAsync("/health", Token));
    }

    [Fact]
    public async Task Http_FeedByPath_TellsItsFolderToWhoOperatesOnly()
    {
        using var shop = TestKey.Client(Address, key: await TestKey.MakeAsync(Database, "reads", [AccessRole.Read]));
        var path = Path.Combine(Folder, "feed.csv");
        await File.WriteAllTextAsync(path, "external_id,uri\n1,https://shop.invalid/1.png\n", Token);
        var id = JsonId.Of((await JsonAsync(await Http.PostAsJsonAsync("/feeds", new { source = "mine", path }, Token)))
            .GetProperty("feed_id"));
        await Http.PutAsJsonAsync("/feed-schedules/nightly", new { source = "mine", path, cron = "@daily" }, Token);

        foreach (var place in new[] { $"/feeds/{id}", "/feeds", "/feed-schedules", "/feed-schedules/nightly" })
        {
            Assert.Contains(Folder, await Http.GetStringAsync(place, Token), StringComparison.Ordinal);
            var told = await shop.GetStringAsync(place, Token);
            Assert.DoesNotContain(Folder, told, StringComparison.Ordinal);
            Assert.Contains("feed.csv", told, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Http_GlobalProductKeys_AreARightOfTheKey()
    {
        using var bound = TestKey.Client(Address, key: await TestKey.MakeAsync(Database, "bound", [AccessRole.Submit], ["mine"]));
        using var trusted = TestKey.Client(
            Address, key: await TestKey.MakeAsync(Database, "trusted", [AccessRole.Submit], ["mine"], globalKeys: true));
        var image = new Keyed("mine", "1", "https://shop.invalid/1.png", "gtin:04006381333931", "global");

        await ExpectAsync(HttpStatusCode.Forbidden, bound.PostAsJsonAsync("/images", image, Token));
        await ExpectAsync(HttpStatusCode.Accepted, bound.PostAsJsonAsync("/images", image with { KeyScope = "source" }, Token));
        await ExpectAsync(HttpStatusCode.Forbidden, bound.PostAsync("/images/upload", Upload("mine", "global"), Token));
        await ExpectAsync(HttpStatusCode.Accepted, trusted.PostAsJsonAsync("/images", image, Token));
        foreach (var client in new[] { bound, trusted })
        {
            var feed = new { source = "mine", url = "https://shop.invalid/feed.csv" };
            await ExpectAsync(HttpStatusCode.Accepted, client.PostAsJsonAsync("/feeds", feed, Token));
            await ExpectAsync(
                HttpStatusCode.OK,
                PutTwiceAsync(client, "/feed-schedules/nightly", new { feed.source, feed.url, cron = "@daily", enabled = false }));
        }

        Assert.Equal(
            ["false false", "true false"],
            (await Database.QueryAsync("select global_keys || ' ' || reads_files from cpf.feeds order by feed_id"))
                .Select(r => (string)r[0]!));
        Assert.Equal("true false", await Database.ScalarAsync<string>("select global_keys || ' ' || reads_files from cpf.feed_schedules"));
    }

    [Fact]
    public async Task Http_MoreUnfinishedFeedsThanAllowed_Get429()
    {
        await Database.ExecuteAsync(
            """
            insert into cpf.feeds (source, url, format, state, revision, next_attempt_at)
            select 'mine', 'https://shop.invalid/' || n, 'csv', 'queued', 1, now() + interval '1 h' from generate_series(1, 100) n
            """);
        object Feed(string source) => new { source, url = "https://shop.invalid/feed.csv" };

        await ExpectAsync(HttpStatusCode.TooManyRequests, Http.PostAsJsonAsync("/feeds", Feed("mine"), Token));
        await ExpectAsync(HttpStatusCode.Accepted, Http.PostAsJsonAsync("/feeds", Feed("other"), Token));
    }

    private static async Task<HttpResponseMessage> PutTwiceAsync(HttpClient client, string path, object body)
    {
        using var first = await client.PutAsJsonAsync(path, body, Token);
        Assert.True(first.IsSuccessStatusCode);
        return await client.PutAsJsonAsync(path, body, Token);
    }

    private static MultipartFormDataContent Upload(string source, string scope = "source")
    {
        var file = new ByteArrayContent(TestPictures.Gif(3));
        file.Headers.ContentType = new MediaTypeHeaderValue("image/gif");
        return new MultipartFormDataContent
        {
            { new StringContent(source), "source" }, { new StringContent(scope), "key_scope" }, { file, "file", "a.gif" },
        };
    }

    private static async Task ExpectAsync(HttpStatusCode status, Task<HttpResponseMessage> request)
    {
        using var answer = await request;
        Assert.True(
            status == answer.StatusCode,
            $"{answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri!.PathAndQuery} answered "
            + $"{(int)answer.StatusCode}, not {(int)status}: {await answer.Content.ReadAsStringAsync()}");
    }

    private sealed record Keyed(
        string Source, [property: JsonPropertyName("external_id")] string ExternalId, string Uri,
        [property: JsonPropertyName("product_key")] string ProductKey, [property: JsonPropertyName("key_scope")] string KeyScope);
}
