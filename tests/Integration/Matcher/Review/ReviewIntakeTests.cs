using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matcher.Pictures;
using CpfPipeline.Matcher.Review;
using CpfPipeline.Matcher.Verdicts;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Review;

/// <summary>What reviewers say of two pictures: the words that stand, what follows from them, and the groups.</summary>
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
        Assert.IsType<ReviewOutcome.Refused>(await world.UndoAsync("bob")); // Ann agrees again.
        Assert.IsType<ReviewOutcome.Done>(await world.UndoAsync("ann"));
        Assert.IsType<ReviewOutcome.Done>(await world.UndoAsync("bob"));
        var withdrawn = Assert.IsType<ReviewOutcome.Refused>(await world.AnswerSeenAsync(a, far, "different", "same", "ann"));
        Assert.StartsWith("Somebody withdrew", withdrawn.Detail, StringComparison.Ordinal);
        Assert.Null(await world.WordAsync(a, far));
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
}
