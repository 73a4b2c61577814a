using System.Net.Http.Json;
using System.Text.Json;
using CpfPipeline.Data.Locks;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Replays;

/// <summary>Rejected images are asked for again, over HTTP.</summary>
public sealed class ImageReplayTests(TestDatabases databases, TestBroker broker) : RunningIngest(databases, broker)
{
    [Fact]
    public async Task Http_ImagesWhoseReasonMayPass_AreAskedForAgainAndAreStoredAtTheirRevision()
    {
        var there = Picture("later.gif", 1);
        var missing = there.Replace("later", "missing", StringComparison.Ordinal);
        await Http.PostAsJsonAsync("/images", new[]
        {
            new { source = "s", external_id = "later", uri = missing, revision = 5 },
            new { source = "s", external_id = "gone", uri = there.Replace("later", "gone", StringComparison.Ordinal), revision = 5 },
            new { source = "other", external_id = "later", uri = missing, revision = 5 },
        });
        await Until.TrueAsync(async () =>
            await Database.ScalarAsync<long>("select count(*) from cpf.images where reject_reason = 'not_found'") == 3);
        Picture("missing.gif", 1);

        var looked = await ReplayAsync(new { images = true, reason = "not_found", source = "s", dry_run = true });
        Assert.Equal((2, 0), (looked.GetProperty("chosen").GetInt32(), looked.GetProperty("put_back").GetInt32()));
        var none = await ReplayAsync(new { images = true });
        Assert.Equal(0, none.GetProperty("chosen").GetInt32());
        var replayed = await ReplayAsync(new { images = true, reason = "not_found", source = "s" });
        Assert.Equal(2, replayed.GetProperty("put_back").GetInt32());

        await Until.TrueAsync(async () =>
            await Database.ScalarAsync<long>("select count(*) from cpf.images where state = 'stored' and revision = 5") == 1);
        Assert.Equal(
            ["later not_found", "gone not_found"],
            (await Database.QueryAsync(
                "select external_id || ' ' || reject_reason from cpf.images where state = 'rejected' order by source"))
                .Select(r => (string)r[0]!));
    }

    [Fact]
    public async Task Http_UpdateThatFailedOfALiveImage_IsAskedForAgainWithWhatItSaid()
    {
        var old = Picture("old.gif", 1);
        var later = Picture("later.gif", 2);
        File.Delete(Path.Combine(Folder, "later.gif"));
        await SubmitAsync(new { source = "s", external_id = "a", uri = old, revision = 1 });
        await Until.TrueAsync(async () => await CountAsync("state = 'stored'") == 1);
        await SubmitAsync(new { source = "s", external_id = "a", uri = later, revision = 2, product_key = "sku:7" });
        await Until.TrueAsync(async () => await CountAsync("failed_reason = 'not_found' and revision = 1") == 1);
        Assert.Equal(later, await Database.ScalarAsync<string>("select failed_uri from cpf.images"));
        Picture("later.gif", 2);

        var replayed = await ReplayAsync(new { images = true, reason = "not_found" });

        Assert.Equal(1, replayed.GetProperty("put_back").GetInt32());
        Assert.Equal("SubmitImage (update of a live image)", replayed.GetProperty("first")[0].GetProperty("message").GetString());
        await Until.TrueAsync(async () => await CountAsync(
            "revision = 2 and state = 'stored' and product_key = 'sku:7' and failed_reason is null and failed_uri is null") == 1);
    }

    [Fact]
    public async Task Http_Limit_TakesTheOldestAndCountsWhatItTookAndWhatIsOutOfReach()
    {
        await Database.ExecuteAsync(
            """
            insert into cpf.images (image_id, source, external_id, uri, key_scope, state, reject_reason, revision, updated_at)
            select gen_random_uuid(), 's', n::text, case when n > 4 then '' else 'HTTPS://shop.invalid/' || n end, 'source', 'rejected',
                   'fetch_failed', 1, now() - n * interval '1 minute'
            from generate_series(1, 6) n;
            """);

        var looked = await ReplayAsync(new { images = true, limit = 3, dry_run = true });

        Assert.Equal(
            (3, 3, 0, 2),
            (looked.GetProperty("looked_at").GetInt32(), looked.GetProperty("chosen").GetInt32(), looked.GetProperty("put_back").GetInt32(),
                looked.GetProperty("out_of_reach").GetInt32()));
        Assert.Equal(3, looked.GetProperty("counts")[0].GetProperty("count").GetInt32());
        Assert.Equal(
            ["4: ", "3: ", "2: "], looked.GetProperty("first").EnumerateArray().Select(f => f.GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task Http_WhileAnotherReplayGoesOn_SaysWhose()
    {
        await using (await KeptLock.TryTakeAsync(Database.DataSource, "cpf.replay", "messages, asked for by ann", default))
        {
            using var answer = await Http.PostAsJsonAsync("/replays", new { dry_run = true });
            Assert.Equal(System.Net.HttpStatusCode.Conflict, answer.StatusCode);
            Assert.Contains("asked for by ann", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            await ReplayAsync(new { images = true, dry_run = true }); // Only reads.
        }

        await ReplayAsync(new { dry_run = true });
    }

    [Fact]
    public async Task Http_CallerGoesInTheMiddle_TheQueueIsInItsOrderAfterwards()
    {
        await using var failed = await FailedQueue.CreateAsync(Host!);
        for (var id = 0; id < 1_100; id++)
        {
            await failed.AddAsync(id);
        }

        using (var request = new HttpRequestMessage(HttpMethod.Post, "/replays") { Content = JsonContent.Create(new { dry_run = true }) })
        using (var answer = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        using (var reader = new StreamReader(await answer.Content.ReadAsStreamAsync()))
        {
            Assert.Contains("\"looked_at\":500", await reader.ReadLineAsync(), StringComparison.Ordinal);
        }

        await Until.TrueAsync(async () => await Database.ScalarAsync<bool>(
            "select holder_pid is null from cpf.kept_locks where name = 'cpf.replay'"));
        Assert.Equal(
            Enumerable.Range(0, 1_100).Select(id => (long)id), (await failed.DrainAsync(FailedQueue.Errors)).Select(m => m.Id));
    }

    [Theory]
    [InlineData("""{"images":true,"reason":"undecodable"}""", "Asking again does not help against undecodable")]
    [InlineData("""{"images":true,"queue":"cpf.submit-image"}""", "lie in no queue")]
    [InlineData("""{"limit":0}""", "at least 1")]
    [InlineData("""{"queue":"cpf.submit"}""", "There is no queue cpf.submit.")]
    public async Task Http_WhatCannotBePutBack_IsRefusedWithTheReason(string body, string expected)
    {
        using var answer = await Http.PostAsync("/replays", new StringContent(body, null, "application/json"));

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(expected, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task SubmitAsync(object image)
    {
        using var answer = await Http.PostAsJsonAsync("/images", image);
        Assert.Equal(System.Net.HttpStatusCode.Accepted, answer.StatusCode);
    }

    private Task<long> CountAsync(string condition) =>
        Database.ScalarAsync<long>($"select count(*) from cpf.images where {condition}");

    private async Task<JsonElement> ReplayAsync(object request)
    {
        using var answer = await Http.PostAsJsonAsync("/replays", request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return JsonDocument.Parse(lines[^1]).RootElement.GetProperty("summary");
    }
}
