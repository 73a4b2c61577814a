using CpfPipeline.Data.Ids;
using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Npgsql;
using Xunit;
using static CpfPipeline.Tests.Integration.Sql.WhyRows;

namespace CpfPipeline.Tests.Integration.Sql;

public sealed class WhyTests(TestDatabases databases)
{
    private const double Tau = 0.625;

    // 1 and 2, 2 and 3 reach the threshold (0.875 each), 1 and 3 do not (0.5); together: (0.5 + 0.875) / 2 = 0.6875. 4 is unlike all.
    private static readonly (long Id, Half[] Row)[] Chain = [(1, Row(1, 0)), (2, Row(0.875, 0.5)), (3, Row(0.5, 0.875)), (4, Row(0, -1))];

    // 1 and 2, 2 and 3 reach 0.75 exactly; {1, 2} and 3 only 0.375.
    private static readonly (long Id, Half[] Row)[] Apart = [(1, Row(1, 0)), (2, Row(0.75, 0.75)), (3, Row(0, 1))];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Why_ExactCopies_SaysSo()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await GroupedAsync(database, Tau, Chain);
        await catalogue.SubmitAsync("copy", 1);

        var rows = await WhyAsync(database, "1", "copy");

        Assert.Equal(("exact_copy", 1.0, true, true),
            (rows.Single()["reason"], (double)rows[0]["similarity"]!, (bool)rows[0]["matches"]!, (bool)rows[0]["same_group"]!));
        Assert.NotNull(rows[0]["since"]);
        Assert.Equal("exact_copy", (await WhyAsync(database, "1", "1")).Single()["reason"]);
    }

    [Fact]
    public async Task Why_SimilarityAtTheThresholdExactly_IsOneLink()
    {
        await using var database = await databases.CreateAsync(Token);
        await GroupedAsync(database, 0.75, Apart);

        var rows = await WhyAsync(database, "2", "1");

        Assert.Equal(["similarity", "similarity"], rows.Select(r => r["reason"]));
        Assert.All(rows, r => Assert.Equal((0.75, 0.75, true), ((double)r["similarity"]!, (double)r["threshold"]!, (bool)r["matches"]!)));
        Assert.Equal((1L, 2L, 0.75), (rows[0]["merge_left"], rows[0]["merge_right"], rows[0]["height"]));
        Assert.Equal((2L, 1L), (rows[1]["content_a"], rows[1]["content_b"]));
    }

    [Fact]
    public async Task Why_ThroughAThird_ListsTheLinksTheMergeAndSinceWhen()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, Tau);
        await catalogue.EmbedAsync(Chain);
        await catalogue.ShowAsync([1, 3]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Updater.RefreshAsync([1, 3], Token);
        Assert.Equal("below_threshold", (await WhyAsync(database, "1", "3")).Single()["reason"]);
        var before = await database.ScalarAsync<DateTime>("select clock_timestamp()");
        await catalogue.ShowAsync([2]);
        await matcher.Updater.RefreshAsync([2], Token);
        var after = await database.ScalarAsync<DateTime>("select clock_timestamp()");
        await catalogue.SubmitAsync("0", 4); // Nothing to them.
        await matcher.Updater.RefreshAsync([4], Token);

        var rows = await WhyAsync(database, "1", "3");

        Assert.Equal(["chain", "similarity", "similarity"], rows.Select(r => r["reason"]));
        Assert.Equal([0, 1, 2], rows.Select(r => r["step"]));
        Assert.Equal([("1", "3"), ("1", "2"), ("2", "3")], rows.Select(r => ((string)r["external_id_a"]!, (string)r["external_id_b"]!)));
        Assert.Equal([0.5, 0.875, 0.875], rows.Select(r => (double)r["similarity"]!));
        Assert.Equal([0.6875, 0.875, 0.6875], rows.Select(r => (double)r["height"]!));
        Assert.InRange((DateTime)rows[0]["since"]!, before, after);
        Assert.Contains("weakest of similarity 0.875", (string)rows[0]["explanation"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_ChainThatAverageLinkageCuts_GivesTheChainAndTheMean()
    {
        await using var database = await databases.CreateAsync(Token);
        await GroupedAsync(database, 0.75, Apart);

        var far = await WhyAsync(database, "1", "3");
        var near = await WhyAsync(database, "2", "3");

        Assert.Equal(["average_linkage", "similarity", "similarity"], far.Select(r => r["reason"]));
        Assert.Equal((0.375, false, 0.0), ((double)far[0]["mean_similarity"]!, (bool)far[0]["same_group"]!, (double)far[0]["similarity"]!));
        Assert.Equal([null, 0.75, null], far.Select(r => r["height"]));
        Assert.Equal(["average_linkage", "similarity"], near.Select(r => r["reason"]));
        Assert.True((bool)near[0]["matches"]!);
        Assert.Null(near[0]["since"]);
    }

    [Fact]
    public async Task Why_Verdicts_AreTheReason()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await GroupedAsync(database, Tau, [.. Chain, (5, Row(0, -0.875))]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());

        await catalogue.JudgeAsync(1, 4, same: true);
        await matcher.Updater.RecomputeAsync([1, 4], Token);
        var same = await WhyAsync(database, "1", "4");
        Assert.Equal(["same_verdict", "verdict"], same.Select(r => r["reason"]));
        Assert.Equal((0.0, "same", (1L, 4L)),
            ((double)same[0]["height"]!, same[0]["verdict"], ((long)same[0]["merge_left"]!, (long)same[0]["merge_right"]!)));

        await catalogue.JudgeAsync(1, 4, null);
        await catalogue.JudgeAsync(4, 5, same: false);
        await matcher.Updater.RecomputeAsync([1, 4, 5], Token);
        Assert.Equal("different_verdict", (await WhyAsync(database, "5", "4"))[0]["reason"]);
        Assert.Contains("tester said at", (string)(await WhyAsync(database, "5", "4"))[0]["explanation"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_DifferentVerdictBetweenTheGroups_NamesIt()
    {
        await using var database = await databases.CreateAsync(Token);

        // All are similar, but 1 and 3 have the verdict different. So 2 joins 1 (smallest ids first), and 4 joins 1 too.
        (long, Half[])[] contents = [(1, Row(1, 0)), (2, Row(1, 0)), (3, Row(1, 0)), (4, Row(1, 0))];
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        await catalogue.EmbedAsync(contents);
        await catalogue.ShowAsync([1, 2, 3, 4]);
        await catalogue.JudgeAsync(1, 3, same: false);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Repair.RunAsync(expected: true, Token);

        var rows = await WhyAsync(database, "2", "3");

        Assert.Equal(["different_verdict_between_groups", "similarity"], rows.Select(r => r["reason"]));
        Assert.Contains("contents 1 and 3", (string)rows[0]["explanation"]!, StringComparison.Ordinal);
        Assert.Equal(1.0, (double)rows[0]["mean_similarity"]!);
    }

    [Fact]
    public async Task Why_OneIsNotLive_GivesItsState()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await GroupedAsync(database, Tau, Chain);
        await catalogue.RetractAsync("2");
        await database.ExecuteAsync(
            """
            insert into cpf.images (image_id, source, external_id, uri, state, reject_reason, revision)
                values ($1, 's', 'bad', 'x', 'rejected', 'too_large', 1)
            """, ImageId.From("s", "bad"));
        await database.ExecuteAsync(
            """
            insert into cpf.images (image_id, source, external_id, uri, state, revision) values ($1, 's', 'new', 'x', 'received', 1)
            """, ImageId.From("s", "new"));
        await database.ExecuteAsync("insert into cpf.placeholder_overrides (content_id, is_placeholder) values (3, true)");
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Updater.RefreshAsync([2, 3], Token);

        var retracted = (await WhyAsync(database, "1", "2")).Single();
        var rejected = (await WhyAsync(database, "bad", "1")).Single();
        var placeholder = (await WhyAsync(database, "1", "3")).Single();
        var received = (await WhyAsync(database, "1", "new")).Single();

        Assert.Equal(("not_live", "retracted", 0.875), (retracted["reason"], retracted["status_b"], (double)retracted["similarity"]!));
        Assert.Equal(("not_live", "rejected", (object?)null), (rejected["reason"], rejected["status_a"], rejected["similarity"]));
        Assert.Contains("too_large", (string)rejected["explanation"]!, StringComparison.Ordinal);
        Assert.Equal(("not_live", "placeholder"), (placeholder["reason"], placeholder["status_b"]));
        Assert.Equal(("not_matched_yet", "received"), (received["reason"], received["status_b"]));
        Assert.Null(received["matches"]);
    }

    [Fact]
    public async Task Why_NotSettledYet_SaysPendingOrReconcile()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, Tau);
        await catalogue.EmbedAsync(Chain);
        await catalogue.ShowAsync([1, 2, 3]);
        using (var blind = new MatcherInstance(database.DataSource, new MatcherOptions(), inner =>
            new InterposedSearch(inner, missesEverything: true)))
        {
            await blind.Updater.RefreshAsync([1], Token);
            await blind.Updater.RefreshAsync([2], Token);
        }

        Assert.Equal("unsettled", (await WhyAsync(database, "1", "2"))[0]["reason"]);
        using var small = new MatcherInstance(database.DataSource, new MatcherOptions { MaxOnlineComponent = 1 });
        await small.Updater.RefreshAsync([3], Token);
        Assert.Equal("pending", (await WhyAsync(database, "3", "2"))[0]["reason"]);
        await small.SettleAsync(Token);
        Assert.Equal("chain", (await WhyAsync(database, "1", "3"))[0]["reason"]);
    }

    [Fact]
    public async Task Why_GroupTooLargeToSearch_GoesThroughTheMerges()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.9);
        (long Id, Half[] Row)[] contents = [.. Enumerable.Range(0, 3_010)
            .Select(i => ((long)i, Row(Math.Cos(i * 0.0002), Math.Sin(i * 0.0002))))];
        await catalogue.EmbedAsync(contents);
        await catalogue.ShowAsync([.. contents.Select(c => c.Id)]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Repair.RunAsync(expected: true, Token);
        await matcher.SettleAsync(Token);
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(distinct group_id) from cpf.group_members"));

        var rows = await WhyAsync(database, "0", "3009");

        Assert.Equal("chain", rows[0]["reason"]);
        Assert.Contains("over 3000 members", (string)rows[0]["explanation"]!, StringComparison.Ordinal);
        Assert.True(rows.Count > 1);
        Assert.All(rows.Skip(1), r => Assert.Equal("merge", r["reason"]));
        AssertConnects(rows, 0, 3_009);
    }

    [Fact]
    public async Task Why_WrongArgument_SaysWhatIsWrong()
    {
        await using var database = await databases.CreateAsync(Token);
        await GroupedAsync(database, Tau, Chain);
        var team = new DataTeam(database);

        var unknown = await Assert.ThrowsAsync<PostgresException>(() =>
            team.AskAsync("select * from cpf.why($1, $2)", ImageId.From("s", "1"), Guid.Empty));
        var nothing = await Assert.ThrowsAsync<PostgresException>(() =>
            team.AskAsync("select * from cpf.why($1, null)", ImageId.From("s", "1")));
        await database.ExecuteAsync("update cpf.models set state = 'retired'");
        var noModel = await Assert.ThrowsAsync<PostgresException>(() =>
            team.AskAsync("select * from cpf.why($1, $1)", ImageId.From("s", "1")));

        Assert.Equal((PostgresErrorCodes.NoDataFound, $"there is no image {Guid.Empty}"), (unknown.SqlState, unknown.MessageText));
        Assert.StartsWith("b is null", nothing.MessageText, StringComparison.Ordinal);
        Assert.StartsWith("no model is active", noModel.MessageText, StringComparison.Ordinal);
    }

    private static async Task<Catalogue> GroupedAsync(TestDatabase database, double tau, (long Id, Half[] Row)[] contents)
    {
        var catalogue = await Catalogue.CreateAsync(database, 2, tau);
        await catalogue.EmbedAsync(contents);
        await catalogue.ShowAsync([.. contents.Select(c => c.Id)]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Repair.RunAsync(expected: true, Token);
        return catalogue;
    }

    private static Half[] Row(double x, double y) => [(Half)x, (Half)y];
}
