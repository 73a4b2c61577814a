using System.Net;
using System.Net.Http.Json;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Api;

/// <summary>Feeds and erasures.</summary>
public sealed class IngestOrderTests(TestDatabases databases, TestBroker broker) : RunningIngest(databases, broker)
{
    [Fact]
    public async Task Http_Feed_IsReadToItsEnd()
    {
        for (var i = 0; i < 7; i++)
        {
            Picture($"feed/{i}.gif", 100 + i);
        }

        var request = new { path = Path.Combine(Folder, "feed"), source = "f" };
        var accepted = await Http.PostAsJsonAsync("/feeds", request);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var id = JsonId.Of((await JsonAsync(accepted)).GetProperty("feed_id"));
        await Until.TrueAsync(
            async () => (await JsonAsync(await Http.GetAsync($"/feeds/{id}"))).GetProperty("state").GetString() == FeedState.Finished);
        var feed = await JsonAsync(await Http.GetAsync($"/feeds/{id}?rejections=10"));
        Assert.Equal((7, 7, 0), (feed.GetProperty("rows_total").GetInt32(), feed.GetProperty("stored").GetInt32(),
            feed.GetProperty("rejections").GetArrayLength()));
        Assert.Equal(HttpStatusCode.Conflict, (await Http.PostAsync($"/feeds/{id}/cancel", null)).StatusCode);
        Assert.Equal([id], (await JsonAsync(await Http.GetAsync("/feeds?source=f&limit=5"))).EnumerateArray().Select(
            f => JsonId.Of(f.GetProperty("feed_id"))));
        Assert.Empty((await JsonAsync(await Http.GetAsync("/feeds?source=nobody"))).EnumerateArray());
        Assert.Equal(HttpStatusCode.BadRequest,
            (await Http.PostAsJsonAsync("/feeds", new { request.path, request.source, max_retract = 2 })).StatusCode);
    }

    [Fact]
    public async Task Http_Erasure_EndsByItself()
    {
        var (uri, sha256) = (
            Picture("e.gif", 7), Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(TestPictures.Gif(7))));
        await Http.PostAsJsonAsync("/images", new { source = "s", external_id = "e", uri });
        await Until.TrueAsync(async () => (await StatesAsync()).Contains("e stored"));
        var request = new { sha256, who = "officer", note = "case 17" };
        Assert.Equal(HttpStatusCode.BadRequest, (await Http.PostAsJsonAsync("/erasures", new { sha256 = "xyz" })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest,
            (await Http.PostAsJsonAsync("/erasures", new { sha256, source = "s", external_id = "e" })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await Http.PostAsJsonAsync("/erasures", new { source = "s" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Http.PostAsJsonAsync("/erasures", new { sha256 = new string('0', 64) })).StatusCode);
        Assert.Equal(
            HttpStatusCode.NotFound, (await Http.PostAsJsonAsync("/erasures", new { source = "s", external_id = "unknown" })).StatusCode);

        var accepted = await Http.PostAsJsonAsync("/erasures", request);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var id = JsonId.Of((await JsonAsync(accepted)).GetProperty("erasure_id"));
        await Until.TrueAsync(
            async () => (await JsonAsync(await Http.GetAsync($"/erasures/{id}"))).GetProperty("state").GetString() == "finished");

        var receipt = await JsonAsync(await Http.GetAsync($"/erasures/{id}"));
        Assert.Equal(("officer", "case 17", 1), (receipt.GetProperty("who").GetString(), receipt.GetProperty("note").GetString(),
            receipt.GetProperty("counts").GetProperty("images").GetInt32()));
        var again = await Http.PostAsJsonAsync("/erasures", request);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(receipt.GetProperty("record_hash").GetString(), (await JsonAsync(again)).GetProperty("record_hash").GetString());
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Folder, "blobs"), $"{sha256}*", SearchOption.AllDirectories));
        var key = Path.Combine(Folder, "blobs", "tombstone.key");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(key));
        await Http.PostAsJsonAsync("/images", new { source = "s", external_id = "f", uri });
        await Until.TrueAsync(async () => (await StatesAsync()).Contains("f rejected"));
    }
}
