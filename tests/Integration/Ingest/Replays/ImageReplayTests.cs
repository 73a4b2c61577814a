using System.Net.Http.Json;
using System.Text.Json;
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

    private async Task<JsonElement> ReplayAsync(object request)
    {
        using var answer = await Http.PostAsJsonAsync("/replays", request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return JsonDocument.Parse(lines[^1]).RootElement.GetProperty("summary");
    }
}
