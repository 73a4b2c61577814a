using CpfPipeline.Matcher.Review;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.Review;

/// <summary>What was said, to be taken back, and what was refused, to be decided, as a browser without script gets it.</summary>
public sealed class VerdictHistoryPagesTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task History_OfVerdicts_TakesEachBackAfterDays()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        await world.TakeAsync(world.Ids[0], world.Ids[1], "same", "bob");
        await world.Database.ExecuteAsync("update cpf.verdict_events set at = at - interval '9 days'");
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        using var visitor = await ReviewVisitor.NamedAsync(matcher.Address);

        await visitor.GoAsync("/review/history");
        Assert.Contains("bob", visitor.Html, StringComparison.Ordinal);
        await visitor.SendAsync("/review/undo");

        Assert.Equal("/review/history", visitor.At);
        Assert.Contains("took back: same withdrawn", visitor.Html, StringComparison.Ordinal);
        Assert.Null(await world.WordAsync(world.Ids[0], world.Ids[1]));
    }

    [Fact]
    public async Task Contradiction_AnsweredWithoutScript_LeadsToTheListAndIsResolvedThere()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        var ids = world.Ids;
        await world.TakeAsync(ids[0], ids[1], "same", "bob");
        await world.TakeAsync(ids[1], ids[2], "same", "bob");
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        using var visitor = await ReviewVisitor.NamedAsync(matcher.Address);

        await visitor.GoAsync($"/review/pair?a={ids[0]}&b={ids[2]}");
        await visitor.SendAsync("/review/answer", ("word", "different"));
        Assert.Equal("/review/contradictions", visitor.At);
        Assert.Contains("ann said", visitor.Html, StringComparison.Ordinal);
        Assert.Contains("bob", visitor.Html, StringComparison.Ordinal);

        await visitor.SendAsync("/review/contradictions", ("do", "give")); // The form of the first link.
        Assert.Contains("No contradiction is open.", visitor.Html, StringComparison.Ordinal);
        Assert.Equal("different", await world.WordAsync(ids[0], ids[2]));

        await visitor.GoAsync($"/review/pair?a={ids[0]}&b={ids[2]}");
        Assert.Contains("ann said", visitor.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Contradiction_LinkErased_CanBeSaidNow()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        var ids = world.Ids;
        await world.TakeAsync(ids[0], ids[1], "same", "bob");
        await world.TakeAsync(ids[1], ids[2], "same", "bob");
        await world.TakeAsync(ids[2], ids[3], "same", "bob");
        Assert.IsType<ReviewOutcome.Contradicts>(await world.AnswerAsync(ids[0], ids[3], "different", "cid"));
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        using var visitor = await ReviewVisitor.NamedAsync(matcher.Address);
        await visitor.GoAsync("/review/contradictions");
        Assert.DoesNotContain("Say 'different' now", visitor.Html, StringComparison.Ordinal);
        await world.Database.ExecuteAsync("delete from cpf.images where content_id = $1", ids[1]);
        await world.Database.ExecuteAsync("delete from cpf.verdicts where $1 in (content_a, content_b)", ids[1]);
        await world.Database.ExecuteAsync("delete from cpf.contents where content_id = $1", ids[1]);

        await visitor.GoAsync("/review/contradictions");
        Assert.Contains("Say 'different' now", visitor.Html, StringComparison.Ordinal);
        await visitor.PostAsync(
            "/review/contradictions", ("do", "give"), ("id", visitor.Field("id")), ("request", $"{Guid.NewGuid()}"),
            ("__RequestVerificationToken", visitor.Field("__RequestVerificationToken")));

        Assert.Contains("No contradiction is open.", visitor.Html, StringComparison.Ordinal);
        Assert.Equal("different", await world.WordAsync(ids[0], ids[3]));
    }

    [Fact]
    public async Task Contradiction_Dismissed_LeavesTheListAndTheVerdicts()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        var ids = world.Ids;
        await world.TakeAsync(ids[0], ids[1], "same", "bob");
        await world.TakeAsync(ids[1], ids[2], "same", "bob");
        Assert.NotNull(await world.AnswerAsync(ids[0], ids[2], "different", "cid"));
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        using var visitor = await ReviewVisitor.NamedAsync(matcher.Address);

        await visitor.GoAsync("/review/contradictions");
        await visitor.SendAsync("/review/contradictions", ("do", "dismiss"));

        Assert.Contains("No contradiction is open.", visitor.Html, StringComparison.Ordinal);
        Assert.Equal(
            "dismissed ann", await world.Database.ScalarAsync<string>("select closing || ' ' || closed_by from cpf.contradictions"));
        Assert.Equal("same", await world.WordAsync(ids[0], ids[1]));
    }
}
