using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Api;

public sealed class MatcherApiTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Api_AfterAFeed_TellsGroupsChangesAndStatus()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        var client = matcher.Client;
        Assert.Equal(HttpStatusCode.Conflict, (await client.PostAsync("/reconcile", null, Token)).StatusCode);

        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(10, products: 2, each: 2, dimension: 16);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        var status = await client.GetFromJsonAsync<JsonObject>("/status", Token);
        Assert.Equal(4, (int)status!["unmatched"]!);
        Assert.Equal(0.9, (double)status["active_model"]!["threshold"]!);
        Assert.Null(status["shadow"]);

        var outcome = await (await client.PostAsync("/reconcile", null, Token)).Content.ReadFromJsonAsync<JsonObject>(Token);
        Assert.Equal(0, (int)outcome!["contents"]!); // They were joined with all others when they were let in.
        Assert.Equal(0, (int)(await client.GetFromJsonAsync<JsonObject>("/status", Token))!["unmatched"]!);
        Assert.Equal(0, (int)outcome["missed_pairs"]!);
        Assert.Equal(0, (int)outcome["pending"]!);

        var image = pictures[0].ContentId;
        var group = await client.GetFromJsonAsync<JsonObject>($"/groups?source=s&external_id={image}", Token);
        Assert.Equal(2, group!["members"]!.AsArray().Count);
        Assert.Contains(JsonId.Of(group["medoid"]), group["members"]!.AsArray().Select(m => JsonId.Of(m!["content_id"])));
        Assert.Contains(group["members"]!.AsArray(), m => (string?)m!["external_id"] == $"{image}");
        Assert.True((double)group["min_pair_similarity"]! > 0.9);
        var page = await client.GetFromJsonAsync<JsonObject>("/groups?limit=1", Token);
        var next = await client.GetFromJsonAsync<JsonObject>($"/groups?limit=5&after={page!["next"]}", Token);
        Assert.Single(page["items"]!.AsArray());
        Assert.Single(next!["items"]!.AsArray());

        var changes = await client.GetFromJsonAsync<JsonObject>("/changes?after=1&limit=2", Token);
        Assert.Equal([2L, 3L], changes!["items"]!.AsArray().Select(c => (long)c!["seq"]!));
        Assert.Equal("3", (string?)changes["next"]);
        Assert.Equal("joined", (string?)changes["items"]![0]!["kind"]);
        Assert.Equal("s", (string?)changes["items"]![0]!["images"]![0]!["source"]);

        var shadow = await catalogue.ShadowAsync(0.95, head: null);
        await database.ExecuteAsync("update cpf.model_preparations set progress = 0.5, message = 'compares 4 contents'");
        status = await client.GetFromJsonAsync<JsonObject>("/status", Token);
        Assert.Equal(
            (shadow.ModelId, "groups", 0.5, "compares 4 contents"),
            (JsonId.Of(status!["shadow"]!["model_id"]), (string)status["shadow"]!["wanted"]!, (double)status["shadow"]!["progress"]!,
                (string)status["shadow"]!["message"]!));

        var missing = await client.GetAsync("/groups?source=s&external_id=nothing", Token);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal("application/problem+json", missing.Content.Headers.ContentType!.MediaType);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync("/groups?source=s", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync("/changes?limit=0", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/groups/12345", Token)).StatusCode);
        await database.ExecuteAsync("update cpf.history_marks set events_removed = 3");
        Assert.Equal(HttpStatusCode.Gone, (await client.GetAsync("/changes?after=2", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/changes?after=3", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/changes?after=0", Token)).StatusCode);
        var description = await client.GetFromJsonAsync<JsonObject>("/openapi/v1.json", Token);
        Assert.NotNull(description!["paths"]!["/reconcile"]);
    }
}
