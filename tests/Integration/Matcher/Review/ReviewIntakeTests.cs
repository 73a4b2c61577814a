using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matcher.Pictures;
using CpfPipeline.Matcher.Review;
using CpfPipeline.Matcher.Verdicts;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Review;

/// <summary>What reviewers say and take back: the words that stand, the history of them, and the groups.</summary>
public sealed class ReviewIntakeTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnswerAsync_SameTwice_IsTakenOnceAndTheGroupsFollow()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 4, each: 2);
        var (a, far) = (world.Ids[0], world.Ids[2]);
        var request = Guid.NewGuid();

        Assert.Equal(new ReviewOutcome.Done(1, 0), await world.AnswerAsync(a, far, "same", request: request));
        Assert.IsType<ReviewOutcome.Repeated>(await world.AnswerAsync(a, far, "same", request: request));

        Assert.Equal("same", await world.WordAsync(a, far));
        Assert.Equal(1L, await world.Database.ScalarAsync<long>("select count(*) from cpf.review_answers"));
        Assert.Equal("ann", await world.Database.ScalarAsync<string>("select who from cpf.verdicts"));
        await world.AssertExactAsync();
    }

    [Fact]
    public async Task AnswerAsync_SameFormWithAnotherWord_IsNotTakenForARepetition()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 4, each: 2);
        var (a, far) = (world.Ids[0], world.Ids[2]);
        var request = Guid.NewGuid();
        Assert.IsType<ReviewOutcome.Done>(await world.AnswerAsync(a, far, "same", request: request));

        Assert.IsType<ReviewOutcome.Reused>(await world.AnswerAsync(a, far, "different", request: request));
        Assert.IsType<ReviewOutcome.Reused>(await world.AnswerAsync(a, far, "same", "bob", request));
        Assert.IsType<ReviewOutcome.Repeated>(await world.AnswerAsync(far, a, "same", request: request));

        Assert.Equal("same", await world.WordAsync(a, far));
    }

    [Fact]
    public async Task AnswerAsync_AnotherSaidSomethingMeanwhile_OverwritesNothingAndNamesWho()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 4, each: 2);
        var (a, far) = (world.Ids[0], world.Ids[2]);
        await world.TakeAsync(a, far, "same", "bob");

        var refused = Assert.IsType<ReviewOutcome.Refused>(await world.AnswerSeenAsync(a, far, "different", null, "ann"));
        Assert.StartsWith($"bob said 'same' of s/{Math.Min(a, far)} and s/{Math.Max(a, far)}, ", refused.Detail, StringComparison.Ordinal);
        Assert.Equal("same", await world.WordAsync(a, far));
        Assert.IsType<ReviewOutcome.Done>(await world.AnswerSeenAsync(a, far, "same", null, "ann")); // Agrees.
        Assert.IsType<ReviewOutcome.Done>(await world.AnswerSeenAsync(a, far, "different", "same", "ann")); // Has seen it.
        Assert.IsType<ReviewOutcome.Done>(await world.UndoAsync("ann"));
        Assert.IsType<ReviewOutcome.Done>(await world.UndoAsync("bob"));
        var withdrawn = Assert.IsType<ReviewOutcome.Refused>(await world.AnswerSeenAsync(a, far, "different", "same", "ann"));
        Assert.StartsWith("Somebody withdrew", withdrawn.Detail, StringComparison.Ordinal);
        Assert.Null(await world.WordAsync(a, far));
    }

    [Fact]
    public async Task UndoAsync_LastAnswerChangedByAnother_TakesTheOneBeforeBack()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 4, each: 2);
        var (a, b, far) = (world.Ids[0], world.Ids[1], world.Ids[2]);
        await world.TakeAsync(a, b, "same");
        await world.TakeAsync(b, far, "same");
        await world.TakeAsync(b, far, "different", "bob");

        var done = Assert.IsType<ReviewOutcome.Done>(await world.UndoAsync());

        Assert.Equal((Math.Min(a, b), Math.Max(a, b)), done.TakenBack);
        Assert.Equal((null, "different"), (await world.WordAsync(a, b), await world.WordAsync(b, far)));
    }

    [Fact]
    public async Task AnswerAsync_AnswerThatJoinsClosures_CountsTheKeptPairsThatFollow()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        var ids = world.Ids;
        await world.TakeAsync(ids[0], ids[1], "same");
        await world.TakeAsync(ids[2], ids[3], "same");
        await world.Database.ExecuteAsync("delete from cpf.matches");
        await MatchAsync(ids[0], ids[2], ids[0], ids[3], ids[1], ids[2], ids[1], ids[3], ids[0], ids[1], ids[4], ids[0]);

        // Of the four pairs across, the answer itself is one.
        Assert.Equal(3, (await world.TakeAsync(ids[1], ids[2], "same")).Settled);
        Assert.Equal(0, (await world.TakeAsync(ids[0], ids[3], "same")).Settled);
        Assert.Equal(0, (await world.TakeAsync(ids[5], ids[4], "same")).Settled);
        Assert.Equal(1, (await world.TakeAsync(ids[5], ids[3], "different")).Settled);

        async Task MatchAsync(params long[] ends)
        {
            foreach (var pair in ends.Chunk(2))
            {
                await world.Database.ExecuteAsync(
                    "insert into cpf.matches values ($1, $2, $3, 0.9)", world.Catalogue.Model.HeadId, pair.Min(), pair.Max());
            }
        }
    }

    [Fact]
    public async Task UndoAsync_OverRestartsAndTwice_GivesBackTheWordsThatStood()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 4, each: 2);
        var (a, b, far) = (world.Ids[0], world.Ids[1], world.Ids[2]);
        await world.NewVerdictIntake().GiveAsync(
            new VerdictRequest(new PictureName("s", $"{a}", null), new PictureName("s", $"{b}", null), "same", "bob", "a note"), Token);
        await world.TakeAsync(a, b, "different");
        await world.TakeAsync(a, far, "same");
        await world.TakeAsync(b, far, "unsure");

        // As after a restart, and days later: all of it is in the database.
        var restarted = world.NewIntake();
        Assert.IsType<ReviewOutcome.Done>(await restarted.UndoAsync(Guid.NewGuid(), "ann", null, Token)); // unsure
        Assert.Equal("same", await world.WordAsync(a, far));
        Assert.IsType<ReviewOutcome.Done>(await restarted.UndoAsync(Guid.NewGuid(), "ann", null, Token));
        Assert.Null(await world.WordAsync(a, far));
        Assert.IsType<ReviewOutcome.Done>(await restarted.UndoAsync(Guid.NewGuid(), "ann", null, Token));
        Assert.Equal("same", await world.WordAsync(a, b));
        await world.AssertExactAsync();

        var refused = Assert.IsType<ReviewOutcome.Refused>(await restarted.UndoAsync(Guid.NewGuid(), "ann", null, Token));
        Assert.Contains("no answer of yours", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(
            ["|same|bob|a note|", "same|different|ann||", "|same|ann||", "same||ann||3", "different|same|ann||2"],
            (await world.Database.QueryAsync(
                "select concat_ws('|', coalesce(verdict_before, ''), coalesce(verdict_after, ''), who, coalesce(note, ''), "
                + "coalesce(undoes::text, '')) from cpf.verdict_history order by seq")).Select(r => (string)r[0]!));
    }

    [Fact]
    public async Task UndoAsync_SameFormTwice_TakesOneAnswerBack()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 4, each: 2);
        await world.TakeAsync(world.Ids[0], world.Ids[1], "same");
        await world.TakeAsync(world.Ids[2], world.Ids[3], "same");
        var request = Guid.NewGuid();

        Assert.IsType<ReviewOutcome.Done>(await world.Intake.UndoAsync(request, "ann", null, Token));
        Assert.IsType<ReviewOutcome.Repeated>(await world.Intake.UndoAsync(request, "ann", null, Token));

        Assert.Equal("same", await world.WordAsync(world.Ids[0], world.Ids[1]));
        Assert.Null(await world.WordAsync(world.Ids[2], world.Ids[3]));
    }

    [Fact]
    public async Task UndoAsync_ChangedByAnotherSince_IsRefusedAndChangesNothing()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 4, each: 2);
        var (a, b) = (world.Ids[0], world.Ids[1]);
        await world.TakeAsync(a, b, "same");
        var seq = await world.LastSeqAsync();
        await world.TakeAsync(a, b, "different", "bob");

        Assert.StartsWith(
            "bob said 'different' since", Assert.IsType<ReviewOutcome.Refused>(await world.UndoAsync()).Detail, StringComparison.Ordinal);
        Assert.StartsWith(
            "bob said 'different' since", Assert.IsType<ReviewOutcome.Refused>(await world.UndoAsync("cid", seq)).Detail,
            StringComparison.Ordinal);
        Assert.Equal("different", await world.WordAsync(a, b));

        // By its place in the history anybody takes back what stands last, and then what stood before.
        Assert.IsType<ReviewOutcome.Done>(await world.UndoAsync("cid", seq + 1));
        Assert.Equal("same", await world.WordAsync(a, b));
        Assert.StartsWith(
            "cid took this back already", Assert.IsType<ReviewOutcome.Refused>(await world.UndoAsync("ann", seq + 1)).Detail,
            StringComparison.Ordinal);
        Assert.IsType<ReviewOutcome.Done>(await world.UndoAsync());
        Assert.Null(await world.WordAsync(a, b));
    }

    [Fact]
    public async Task AnswerAsync_Contradiction_IsListedWithItsChainUntilItIsGivenOrDismissed()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 4, each: 2);
        var (a, b, c) = (world.Ids[0], world.Ids[2], world.Ids[4]);
        await world.TakeAsync(a, b, "same");
        await world.TakeAsync(b, c, "same", "bob");

        for (var i = 0; i < 2; i++)
        {
            var outcome = Assert.IsType<ReviewOutcome.Contradicts>(await world.AnswerAsync(a, c, "different", "cid"));
            Assert.Equal(["ann", "bob"], outcome.Chain.Select(v => v.Who).Order());
        }

        await world.NewVerdictIntake().GiveAsync(
            new VerdictRequest(new PictureName("s", $"{a}", null), new PictureName("s", $"{c}", null), "different", "dan", null), Token);
        Assert.Equal(
            ["cid:2", "dan:2"],
            (await world.Database.QueryAsync(
                """
                select c.who || ':' || count(l.*) from cpf.contradictions c join cpf.contradiction_links l using (contradiction_id)
                where closed_at is null group by c.contradiction_id, c.who order by c.contradiction_id
                """)).Select(r => (string)r[0]!));
        Assert.Null(await world.WordAsync(a, c));

        // Somebody decides that bob is wrong: one request withdraws and gives, and closes all that waited for it.
        Assert.IsType<ReviewOutcome.Done>(await world.Intake.ReplaceAsync(
            Guid.NewGuid(), "eve", (b, c), new Verdict(Math.Min(a, c), Math.Max(a, c), false), Token));
        Assert.Equal(
            [["given", "eve"], ["given", "eve"]],
            (await world.Database.QueryAsync("select closing, closed_by from cpf.contradictions")).Select(r => new[] { r[0], r[1] }));
        Assert.Equal(("different", null), (await world.WordAsync(a, c), await world.WordAsync(b, c)));
        await world.AssertExactAsync();
    }

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
        Assert.NotEqual(await GroupOfAsync(world, members[3]), await GroupOfAsync(world, members[0]));

        // One undo takes all of it back.
        Assert.IsType<ReviewOutcome.Done>(await world.UndoAsync());
        Assert.Equal(0L, await world.Database.ScalarAsync<long>("select count(*) from cpf.verdicts where verdict = 'different'"));
        Assert.Equal(await GroupOfAsync(world, members[3]), await GroupOfAsync(world, members[0]));
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

    [Fact]
    public async Task AnswerAsync_PictureErasedLater_LeavesNothingOfIt()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 1, each: 2);
        await world.TakeAsync(world.Ids[0], world.Ids[1], "same");

        await world.Database.ExecuteAsync(
            """
            delete from cpf.verdicts; delete from cpf.images;
            delete from cpf.contents where content_id = (select min(content_id) from cpf.contents)
            """);
        foreach (var table in (string[])["verdict_events", "review_answers", "contradictions"])
        {
            Assert.Equal(0L, await world.Database.ScalarAsync<long>($"select count(*) from cpf.{table}"));
        }
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

    private static Task<long> GroupOfAsync(ReviewWorld world, long contentId) =>
        world.Database.ScalarAsync<long>("select group_id from cpf.group_members where content_id = $1", contentId);
}
