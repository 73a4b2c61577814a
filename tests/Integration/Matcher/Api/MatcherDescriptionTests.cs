using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Api;

public sealed class MatcherDescriptionTests(TestDatabases databases, TestBroker broker)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_EveryGet_AreAsDescribed()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(10, products: 2, each: 2, dimension: 16);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        await using var app = MatcherService.Build([
            "--ConnectionStrings:Postgres", database.ConnectionString, "--ConnectionStrings:RabbitMq",
            (await broker.CreateHostAsync(Token)).ToString(), "--Urls", "http://127.0.0.1:0", "--Blobs:Folder", Path.GetTempPath(),
        ]);
        await app.StartAsync(Token);
        using var client = TestKey.Client(new Uri(app.Urls.First()));
        var description = await ApiDescription.ReadAsync(client);
        using var reconciled = await client.PostAsync("/reconcile", null, Token);
        await description.CompareAsync("/reconcile", "post", reconciled);
        await catalogue.JudgeAsync(pictures[0].ContentId, pictures[1].ContentId, true);
        await database.ExecuteAsync(
            "insert into cpf.placeholder_overrides (content_id, is_placeholder, who) values ($1, false, 'somebody')",
            pictures[0].ContentId);
        await catalogue.ShadowAsync(0.95, head: null);
        var image = $"source=s&external_id={pictures[0].ContentId}";

        var group = await description.GetAsync("/groups", $"/groups?{image}");
        Assert.NotEmpty((await description.GetAsync("/groups"))["items"]!.AsArray());
        await description.GetAsync("/groups/{groupId}", $"/groups/{group["group_id"]}");
        Assert.NotEmpty((await description.GetAsync("/changes"))["items"]!.AsArray());
        Assert.NotNull((await description.GetAsync("/status"))["shadow"]);
        Assert.NotEmpty((await description.GetAsync("/verdicts", $"/verdicts?{image}")).AsArray());
        Assert.NotEmpty((await description.GetAsync("/placeholders")).AsArray());
        await description.GetAsync("/placeholders/policy");
        description.AssertAllAsked("/contents/{contentId}/thumbnail", "/contents/{contentId}/picture"); // Their answers are no JSON.
        await app.StopAsync(Token);
    }
}
