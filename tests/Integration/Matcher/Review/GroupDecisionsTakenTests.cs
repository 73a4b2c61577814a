using CpfPipeline.Matcher.Review;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Review;

/// <summary>Decisions on chosen pictures of a group: the verdicts that they give, and the groups.</summary>
public sealed class GroupDecisionsTakenTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DecideAsync_SplitOut_GivesAllVerdictsOnce()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 5);
        var (group, members) = await GroupAsync(world);
        await world.TakeAsync(members[0], members[1], "same");
        var request = await RequestAsync(world, group, GroupDecision.Split, members[3], members[4]);

        // The three others are two closures.
        Assert.Equal(new ReviewOutcome.Done(4, 0), await world.Intake.DecideAsync(request, Token));
        Assert.IsType<ReviewOutcome.Repeated>(await world.NewIntake().DecideAsync(request, Token));

        Assert.Equal(4L, await world.Database.ScalarAsync<long>("select count(*) from cpf.verdicts where verdict = 'different'"));
        await world.AssertExactAsync();
        Assert.NotEqual(await world.GroupOfAsync(members[3]), await world.GroupOfAsync(members[0]));

        // One undo takes all of it back.
        Assert.IsType<ReviewOutcome.Done>(await world.UndoAsync());
        Assert.Equal(0L, await world.Database.ScalarAsync<long>("select count(*) from cpf.verdicts where verdict = 'different'"));
        Assert.Equal(await world.GroupOfAsync(members[3]), await world.GroupOfAsync(members[0]));
    }

    [Fact]
    public async Task DecideAsync_SplitOutOfACycleOfSame_ReplacesAllOfItsWords()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 5);
        var (group, members) = await GroupAsync(world);
        await world.TakeAsync(members[0], members[1], "same");
        await world.TakeAsync(members[1], members[2], "same");
        await world.TakeAsync(members[0], members[2], "same");

        Assert.IsType<ReviewOutcome.Done>(await world.Intake.DecideAsync(
            await RequestAsync(world, group, GroupDecision.Split, members[0]), Token));

        Assert.Equal(
            ("different", "same", "different"),
            (await world.WordAsync(members[0], members[1]), await world.WordAsync(members[1], members[2]),
                await world.WordAsync(members[0], members[2])));
        await world.AssertExactAsync();
        Assert.IsType<ReviewOutcome.Done>(await world.UndoAsync());
        Assert.Equal("same", await world.WordAsync(members[0], members[2]));
    }

    [Fact]
    public async Task DecideAsync_OtherVerdictsThanTheReviewerSaw_GivesNone()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 5);
        var (group, members) = await GroupAsync(world);
        var seen = await RequestAsync(world, group, GroupDecision.Split, members[4]);
        await world.TakeAsync(members[0], members[1], "same", "bob"); // Fewer verdicts are needed now.

        Assert.IsType<ReviewOutcome.PlanChanged>(await world.Intake.DecideAsync(seen, Token));
        Assert.Equal(1L, await world.Database.ScalarAsync<long>("select count(*) from cpf.verdicts"));

        // The form is not used up: the summary that is shown again may come with the same id.
        var (plan, _) = await world.Intake.PlanAsync(group, GroupDecision.Split, [members[4]], Token);
        Assert.IsType<ReviewOutcome.Done>(await world.Intake.DecideAsync(seen with { PlanHash = GroupPlan.HashOf(plan!) }, Token));
    }

    [Fact]
    public async Task DecideAsync_OneVerdictContradicts_GivesNone()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 5);
        var (group, members) = await GroupAsync(world);

        // Two of its pictures are the same as a third that is not live any more: no word on the group's own pictures can mend that.
        var gone = world.Ids.Except(members).First();
        await world.TakeAsync(members[1], gone, "same");
        await world.TakeAsync(gone, members[4], "same");
        await world.Catalogue.RetractAsync($"{gone}");
        await world.Matcher.Updater.RefreshAsync([gone], Token);
        var before = await world.Database.ScalarAsync<long>("select count(*) from cpf.verdict_events");

        Assert.IsType<ReviewOutcome.Contradicts>(await world.Intake.DecideAsync(
            await RequestAsync(world, group, GroupDecision.Split, members[3], members[4]), Token));

        Assert.Equal(2L, await world.Database.ScalarAsync<long>("select count(*) from cpf.verdicts"));
        Assert.Equal(before, await world.Database.ScalarAsync<long>("select count(*) from cpf.verdict_events"));
        Assert.Equal(1L, await world.Database.ScalarAsync<long>("select count(*) from cpf.contradictions where closed_at is null"));
    }

    [Fact]
    public async Task DecideAsync_AllSameAndPlaceholder_TheGroupsFollow()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 5);
        var (group, members) = await GroupAsync(world);

        Assert.Equal(
            new ReviewOutcome.Done(2, 0),
            await world.Intake.DecideAsync(
                await RequestAsync(world, group, GroupDecision.Same, members[0], members[2], members[4]), Token));
        await world.AssertExactAsync();
        Assert.IsType<ReviewOutcome.Done>(await world.Intake.DecideAsync(
            await RequestAsync(world, group, GroupDecision.Placeholder, members[1]), Token));
        Assert.Equal(
            0L, await world.Database.ScalarAsync<long>("select count(*) from cpf.group_members where content_id = $1", members[1]));
        Assert.Equal("ann", await world.Database.ScalarAsync<string>("select who from cpf.placeholder_events"));

        var gone = await world.Intake.DecideAsync(
            await RequestAsync(world, group, GroupDecision.Same, members[0], members[1]), Token);
        Assert.Contains("has changed since", Assert.IsType<ReviewOutcome.Refused>(gone).Detail, StringComparison.Ordinal);
    }

    // What a reviewer sends who has just seen the summary.
    private static async Task<GroupDecisionRequest> RequestAsync(ReviewWorld world, long group, string word, params long[] chosen)
    {
        var (plan, _) = await world.Intake.PlanAsync(group, word, chosen, Token);
        return new GroupDecisionRequest(Guid.NewGuid(), group, word, chosen, GroupPlan.HashOf(plan ?? []), "ann");
    }

    private static async Task<(long Group, long[] Members)> GroupAsync(ReviewWorld world)
    {
        var group = await world.Database.ScalarAsync<long>("select min(group_id) from cpf.groups where size = 5");
        return (group, [.. (await world.Database.QueryAsync(
            "select content_id from cpf.group_members where group_id = $1 order by content_id", group)).Select(r => (long)r[0]!)]);
    }
}
