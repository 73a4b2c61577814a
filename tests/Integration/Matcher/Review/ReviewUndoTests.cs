using CpfPipeline.Data.Placeholders;
using CpfPipeline.Matcher.Pictures;
using CpfPipeline.Matcher.Review;
using CpfPipeline.Matcher.Verdicts;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Review;

/// <summary>What reviewers take back: the words that stand again, and the history of them.</summary>
public sealed class ReviewUndoTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

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
        Assert.StartsWith("bob said 'different' since", Assert.Single(done.Undone!.PassedOver).Why, StringComparison.Ordinal);
        Assert.Equal((null, "different"), (await world.WordAsync(a, b), await world.WordAsync(b, far)));
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
    public async Task UndoAsync_Placeholders_AreTakenBackInTheOrderOfTheForms()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        var (a, b, c) = (world.Ids[0], world.Ids[1], world.Ids[4]);
        await SayAsync(world, a, false, "bob");
        await world.TakeAsync(b, c, "different");
        var form = await CallAsync(world, a, b);
        Assert.Equal([], await MembersAsync(world, a, b));
        await world.TakeAsync(world.Ids[5], world.Ids[6], "same");

        // The answer that came after it, then the placeholders, then the answer before it.
        Assert.NotNull(Assert.IsType<ReviewOutcome.Done>(await world.UndoAsync()).TakenBack);
        Assert.Null(Assert.IsType<ReviewOutcome.Done>(await world.NewIntake().UndoAsync(Guid.NewGuid(), "ann", null, Token)).TakenBack);
        Assert.Equal([a, b], await MembersAsync(world, a, b));
        Assert.Equal(
            [(a, false)], (await world.Database.QueryAsync("select content_id, is_placeholder from cpf.placeholder_overrides"))
                .Select(r => ((long)r[0]!, (bool)r[1]!)));
        Assert.Equal("different", await world.WordAsync(b, c));
        Assert.IsType<ReviewOutcome.Done>(await world.UndoAsync());
        Assert.Null(await world.WordAsync(b, c));
        var nothing = Assert.IsType<ReviewOutcome.Refused>(await world.UndoAsync());
        Assert.Contains("no answer of yours", nothing.Detail, StringComparison.Ordinal);

        // Nothing was deleted.
        Assert.Equal(["|false|bob|", "false|true|ann|", "true|false|ann|undoes"], await WordsAsync(world, a));
        Assert.Equal(["|true|ann|", "true||ann|undoes"], await WordsAsync(world, b));
        Assert.Contains(
            "already", Assert.IsType<ReviewOutcome.Refused>(await world.Intake.UndoFormAsync(Guid.NewGuid(), "ann", form, Token)).Detail,
            StringComparison.Ordinal);
        await world.AssertExactAsync();
    }

    [Fact]
    public async Task UndoAsync_PlaceholderThatAnotherDecidedSince_IsPassedOverAndTold()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        var (a, b) = (world.Ids[0], world.Ids[1]);
        var form = await CallAsync(world, a);
        await SayAsync(world, a, false, "bob");

        var refused = Assert.IsType<ReviewOutcome.Refused>(await world.Intake.UndoFormAsync(Guid.NewGuid(), "ann", form, Token));
        Assert.Contains("bob called it no placeholder since", refused.Detail, StringComparison.Ordinal);
        Assert.Contains("bob", Assert.IsType<ReviewOutcome.Refused>(await world.UndoAsync()).Detail, StringComparison.Ordinal);

        await world.TakeAsync(b, world.Ids[2], "same");
        await CallAsync(world, world.Ids[4]);
        Assert.IsType<ReviewOutcome.Done>(await world.UndoAsync());
        Assert.IsType<ReviewOutcome.Done>(await world.UndoAsync());
        Assert.Null(await world.WordAsync(b, world.Ids[2]));
    }

    [Fact]
    public async Task UndoAsync_PlaceholderThatAnotherCalledOneToo_StandsForTheOther()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 1, each: 4);
        var a = world.Ids[0];
        var form = await CallAsync(world, a);
        await SayAsync(world, a, true, "bob", "a logo");
        await SayAsync(world, a, true, "bob", "a logo"); // Says it again: no other word.

        Assert.Contains(
            "bob called it a placeholder since",
            Assert.IsType<ReviewOutcome.Refused>(await world.Intake.UndoFormAsync(Guid.NewGuid(), "ann", form, Token)).Detail,
            StringComparison.Ordinal);
        Assert.Equal("true bob a logo", await StandingAsync(world, a));
        Assert.Equal(["|true|ann|", "true|true|bob|"], await WordsAsync(world, a));
    }

    [Fact]
    public async Task UndoAsync_PlaceholderWordOfAnotherBefore_StandsInTheOthersNameAgain()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 1, each: 4);
        var a = world.Ids[0];
        await SayAsync(world, a, false, "bob", "a part number");
        await CallAsync(world, a);

        Assert.IsType<ReviewOutcome.Done>(await world.UndoAsync());
        Assert.Equal("false bob a part number", await StandingAsync(world, a));
    }

    [Fact]
    public async Task UndoAsync_SameAnswerOfAnotherReviewer_StandsUntilTheOtherTakesItBack()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 1, each: 4);
        var (a, b) = (world.Ids[0], world.Ids[1]);
        await world.TakeAsync(a, b, "same");
        await world.TakeAsync(a, b, "same", "bob");
        var seq = await world.LastSeqAsync();

        foreach (var refused in new[] { await world.UndoAsync(), await world.UndoAsync("cid", seq) })
        {
            Assert.StartsWith(
                "bob said 'same' as well", Assert.IsType<ReviewOutcome.Refused>(refused).Detail, StringComparison.Ordinal);
        }

        Assert.Equal("same", await world.WordAsync(a, b));
        Assert.IsType<ReviewOutcome.Done>(await world.UndoAsync("bob"));
        Assert.Equal("same", await world.WordAsync(a, b));
        Assert.IsType<ReviewOutcome.Done>(await world.UndoAsync());
        Assert.Null(await world.WordAsync(a, b));
    }

    private static async Task<Guid> CallAsync(ReviewWorld world, params long[] chosen)
    {
        var group = await world.GroupOfAsync(chosen[0]);
        var (plan, _) = await world.Intake.PlanAsync(group, GroupDecision.Placeholder, chosen, Token);
        var request = Guid.NewGuid();
        Assert.IsType<ReviewOutcome.Done>(await world.Intake.DecideAsync(
            new GroupDecisionRequest(request, group, GroupDecision.Placeholder, chosen, GroupPlan.HashOf(plan!), "ann"), Token));
        return request;
    }

    private static async Task SayAsync(ReviewWorld world, long contentId, bool isPlaceholder, string who, string? note = null)
    {
        await using var connection = await world.Database.DataSource.OpenConnectionAsync(Token);
        await PlaceholderStore.OverrideAsync(connection, new PlaceholderWord(contentId, isPlaceholder, who, note), Token);
        await world.Matcher.Updater.RefreshAsync([contentId], Token);
    }

    private static async Task<string> StandingAsync(ReviewWorld world, long contentId) => await world.Database.ScalarAsync<string>(
        "select concat_ws(' ', is_placeholder::text, who, note) from cpf.placeholder_overrides where content_id = $1", contentId);

    private static async Task<IEnumerable<string>> WordsAsync(ReviewWorld world, long contentId) => (await world.Database.QueryAsync(
        """
        select concat_ws('|', coalesce(word_before::text, ''), coalesce(word_after::text, ''), who,
            case when undoes is null then '' else 'undoes' end)
        from cpf.placeholder_words where content_id = $1 order by seq
        """, contentId)).Select(r => (string)r[0]!);

    private static async Task<IEnumerable<long>> MembersAsync(ReviewWorld world, params long[] contentIds) =>
        (await world.Database.QueryAsync("select content_id from cpf.group_members where content_id = any($1)", contentIds))
            .Select(r => (long)r[0]!).OrderBy(id => Array.IndexOf(contentIds, id));
}
