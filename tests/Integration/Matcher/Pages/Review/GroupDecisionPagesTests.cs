using System.Net;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.Review;

/// <summary>Decisions on pictures of a group, as a browser without script gets them.</summary>
public sealed class GroupDecisionPagesTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Decision_ChosenPictures_ASummaryFirstThenOneRequest()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        using var visitor = new ReviewVisitor(matcher.Address);
        var (group, members) = await GroupAsync(world);

        await visitor.GoAsync($"/gallery/{group}");
        Assert.All(members, m => Assert.Contains($"name=\"p\" value=\"{m}\"", visitor.Html, StringComparison.Ordinal));
        await visitor.GoAsync($"/review/group/{group}?do=compare&p={members[1]}&p={members[3]}");
        Assert.Equal($"/review/pair?a={members[1]}&b={members[3]}", visitor.At);
        await visitor.GoAsync($"/review/group/{group}?do=split&p={members[1]}&p={members[3]}");
        Assert.Contains("This gives 4 verdicts 'different', all or none.", visitor.Html, StringComparison.Ordinal);
        Assert.Equal(0L, await world.Database.ScalarAsync<long>("select count(*) from cpf.verdicts"));

        await visitor.SendAsync(
            $"/review/group/{group}", ("who", "ann"), ("p", $"{members[1]}"), ("p", $"{members[3]}"));

        Assert.Equal($"/gallery/{members[1]}", visitor.At.Split('#')[0]);
        Assert.Equal(4L, await world.Database.ScalarAsync<long>("select count(*) from cpf.verdicts where who = 'ann'"));
    }

    [Fact]
    public async Task Decision_ChangedSinceTheSummary_ShowsItAgain()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        using var visitor = await ReviewVisitor.NamedAsync(matcher.Address);
        var (group, members) = await GroupAsync(world);
        await visitor.GoAsync($"/review/group/{group}?do=split&p={members[3]}");
        Assert.Contains("This gives 3 verdicts", visitor.Html, StringComparison.Ordinal);
        await world.TakeAsync(members[0], members[1], "same", "bob");

        await visitor.SendAsync($"/review/group/{group}");
        Assert.Equal(HttpStatusCode.Conflict, visitor.Status);
        Assert.Contains("have changed since you saw this", visitor.Html, StringComparison.Ordinal);
        Assert.Contains("This gives 2 verdicts", visitor.Html, StringComparison.Ordinal);
        Assert.Equal(1L, await world.Database.ScalarAsync<long>("select count(*) from cpf.verdicts"));

        await visitor.SendAsync($"/review/group/{group}");
        Assert.Equal(HttpStatusCode.OK, visitor.Status);
        Assert.Equal(3L, await world.Database.ScalarAsync<long>("select count(*) from cpf.verdicts"));
    }

    [Fact]
    public async Task Decision_Placeholder_LeadsToAPageThatSaysSo()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        using var visitor = await ReviewVisitor.NamedAsync(matcher.Address);
        var (group, members) = await GroupAsync(world);
        await visitor.GoAsync($"/review/placeholders?p={members[0]}");
        Assert.Contains("The picture is no placeholder", visitor.Html, StringComparison.Ordinal);
        await visitor.GoAsync($"/review/group/{group}?do=placeholder&p={members[0]}");

        await visitor.SendAsync($"/review/group/{group}");

        Assert.Equal(HttpStatusCode.OK, visitor.Status);
        Assert.Matches($@"^/review/placeholders\?form=[0-9a-f-]{{36}}&p={members[0]}$", visitor.At);
        Assert.Contains("The picture is a placeholder now", visitor.Html, StringComparison.Ordinal);
        Assert.Equal(
            0L, await world.Database.ScalarAsync<long>("select count(*) from cpf.group_members where content_id = $1", members[0]));

        // Its Undo leads back to the group, and the page says so from then on.
        var (told, form) = (visitor.At, visitor.Field("form"));
        await visitor.GoAsync($"{told}&p={members[1]}");
        Assert.Contains("1 of 2 pictures is a placeholder now", visitor.Html, StringComparison.Ordinal);
        await visitor.SendAsync("/review/undo");
        Assert.Equal(HttpStatusCode.OK, visitor.Status);
        Assert.Equal(group, await world.GroupOfAsync(members[0]));
        Assert.StartsWith($"/gallery/{group}", visitor.At, StringComparison.Ordinal);
        await visitor.GoAsync(told);
        Assert.Contains("The picture is no placeholder", visitor.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("action=\"/review/undo\"", visitor.Html, StringComparison.Ordinal);

        foreach (var (undone, words) in new[] { (form, "This was taken back already."), ($"{Guid.NewGuid()}", "There is no such form.") })
        {
            await visitor.GoAsync("/review");
            await visitor.SendAsync("/review/undo", ("form", undone));
            Assert.Equal(HttpStatusCode.Conflict, visitor.Status);
            Assert.Contains(words, visitor.Html, StringComparison.Ordinal);
        }
    }

    private static async Task<(long Group, List<long> Members)> GroupAsync(ReviewWorld world)
    {
        var group = await world.Database.ScalarAsync<long>("select min(group_id) from cpf.groups");
        return (group, [.. (await world.Database.QueryAsync(
            "select content_id from cpf.group_members where group_id = $1 order by content_id", group)).Select(r => (long)r[0]!)]);
    }
}
