using System.Net;
using System.Net.Http.Json;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Api;

/// <summary>What the audit says of requests: who, what, on what, and how it ended; and whose word is kept.</summary>
public sealed class AuditOfRequestsTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Words_OfPeople_AreTheirOwnAndAreAudited()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(10, products: 2, each: 2, dimension: 16);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        using var ann = TestKey.Client(matcher.Address, key: await TestKey.MakeAsync(database, "ann", [AccessRole.Review]));
        var (a, b) = ($"{pictures[0].ContentId}", $"{pictures[1].ContentId}");
        object Verdict(string verdict, string? who) => new
        {
            a = new { source = "s", external_id = a }, b = new { source = "s", external_id = b }, verdict, who,
        };

        // Who does not operate speaks for nobody else.
        using var own = await ann.PostAsJsonAsync("/verdicts", Verdict("same", "bob"), Token);
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        Assert.Equal("ann", await database.ScalarAsync<string>("select who from cpf.verdicts"));
        using var others = await matcher.Client.PostAsJsonAsync("/verdicts", Verdict("different", "bob"), Token);
        Assert.Equal(HttpStatusCode.OK, others.StatusCode);
        Assert.Equal("bob", await database.ScalarAsync<string>("select who from cpf.verdicts"));
        var mark = new { picture = new { source = "s", external_id = a }, word = "mark" };
        Assert.Equal(HttpStatusCode.NoContent, (await ann.PostAsJsonAsync("/placeholders", mark, Token)).StatusCode);
        Assert.Equal(
            HttpStatusCode.Forbidden, (await ann.PutAsJsonAsync("/placeholders/policy", new { min_product_keys = 9 }, Token)).StatusCode);
        Assert.Equal(
            HttpStatusCode.OK,
            (await matcher.Client.PutAsJsonAsync("/placeholders/policy", new { min_product_keys = 9 }, Token)).StatusCode);

        // A verdict that names no picture is no act.
        Assert.Equal(HttpStatusCode.BadRequest, (await ann.PostAsJsonAsync("/verdicts", new { verdict = "same" }, Token)).StatusCode);

        var pair = $"contents {Math.Min(pictures[0].ContentId, pictures[1].ContentId)} "
            + $"{Math.Max(pictures[0].ContentId, pictures[1].ContentId)}";
        Assert.Equal(
            [
                $"ann verdict {pair} same done ", $"test verdict {pair} different done for bob",
                $"ann placeholder content {a} mark done ", "ann request PUT /placeholders/policy refused ",
                "test placeholder.policy min_product_keys 9 done ",
            ],
            (await database.QueryAsync(
                """
                select who || ' ' || act || ' ' || target || ' ' || outcome || ' ' || coalesce(detail, '')
                from cpf.audit where act <> 'key.add' order by seq
                """)).Select(r => (string)r[0]!));
        Assert.Equal(
            0L, await database.ScalarAsync<long>("select count(*) from cpf.audit where act <> 'key.add' and address <> '127.0.0.1'"));
    }

    [Fact]
    public async Task Tries_ThatWereRefused_AreAuditedWithoutTheirSecretsAndNotWithoutEnd()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        var id = TestKey.Text.Split('_')[1];
        var wrong = $"cpf_{id}_{new string('5', 64)}";
        using var guesser = TestKey.Client(matcher.Address, key: wrong);

        for (var i = 0; i < 150; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await guesser.GetAsync("/groups", Token)).StatusCode);
        }

        var rows = await database.QueryAsync("select subject, target, outcome, detail from cpf.audit where act = 'sign-in' order by seq");
        Assert.InRange(rows.Count, 60, 100);
        Assert.Equal([$"key:{id}", "GET /groups", "refused", null], rows[0]);
        Assert.DoesNotContain(
            new string('5', 64), await database.ScalarAsync<string>("select string_agg(a::text, ' ') from cpf.audit a"),
            StringComparison.Ordinal);
    }
}
