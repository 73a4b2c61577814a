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
}
