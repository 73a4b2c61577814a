using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CsCheck;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Sql;

public sealed class WhatIfTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatIf_AnyThresholdUpFromTheActiveOne_IsThePartitionOfAModelWithIt() =>
        await Gen.Int[0, int.MaxValue].SampleAsync(RunAsync, iter: 12, threads: 1);

    private async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        await using var world = await JudgedCatalogue.CreateAsync(
            databases, random, 20 + random.Next(20), 11, ids => (ids[random.Next(ids.Length)], ids[random.Next(ids.Length)]));
        var team = new DataTeam(world.Database);
        var now = world.By(JudgedCatalogue.Threshold).Groups;
        foreach (var tau in world.Thresholds)
        {
            var expected = world.By(tau).Groups;

            var members = (await team.AskAsync("select * from cpf.what_if_members($1)", tau)).Rows;
            var summary = (await team.AskAsync("select * from cpf.what_if($1)", tau)).Rows.Single();

            Assert.Equal(expected.OrderBy(g => g.Key), members.ToDictionary(r => (long)r["content_id"]!, r => (long)r["group_id"]!)
                .OrderBy(g => g.Key));
            Assert.Equal(
                now.OrderBy(g => g.Key),
                members.ToDictionary(r => (long)r["content_id"]!, r => (long)r["present_group_id"]!).OrderBy(g => g.Key));
            var sizes = expected.Values.CountBy(g => g).Select(g => (long)g.Value).Where(size => size > 1).DefaultIfEmpty(0).ToArray();
            Assert.Equal(
                (sizes.LongCount(size => size > 0), sizes.Sum(), sizes.Max(), 0L),
                ((long)summary["groups"]!, (long)summary["contents_in_groups"]!, (long)summary["largest"]!, (long)summary["pending"]!));
        }
    }

    [Fact]
    public async Task WhatIf_SameVerdictBelowTheThreshold_StaysAtEveryThreshold()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        await catalogue.EmbedAsync((1, Row(1, 0)), (2, Row(0, 1)), (3, Row(0.875, 0.5)), (4, Row(1, 0)));
        await catalogue.ShowAsync([1, 2, 3, 4]);
        await catalogue.JudgeAsync(2, 4, same: true);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Repair.RunAsync(expected: true, Token);

        var members = await new DataTeam(database).AskAsync("select content_id, group_id from cpf.what_if_members(1) order by content_id");

        Assert.Equal([(1L, 1L), (2L, 2L), (3L, 3L), (4L, 2L)], members.Rows.Select(r => ((long)r["content_id"]!, (long)r["group_id"]!)));
    }

    [Fact]
    public async Task WhatIf_ComponentPending_GivesThePresentGroupsAndSaysSo()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(5, products: 2, each: 6, dimension: 16);
        long[] ids = [.. pictures.Select(p => p.ContentId)];
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync(ids);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions { MaxOnlineComponent = 4 });
        await matcher.Updater.RefreshAsync(ids[..10], Token);
        await matcher.SettleAsync(Token);
        await catalogue.RetractAsync($"{ids.Take(10).Min()}"); // A group loses its handle, and the tree its root.
        await matcher.Updater.RefreshAsync(ids, Token);
        var pending = await database.ScalarAsync<long>("select count(*) from cpf.group_members where pending");
        Assert.True(pending > 2);
        var team = new DataTeam(database);

        var members = (await team.AskAsync("select * from cpf.what_if_members(0.9)")).Rows;

        Assert.Equal(11, members.Count);
        Assert.All(members, r => Assert.Equal(r["present_group_id"], r["group_id"]));
        Assert.Equal(pending, members.LongCount(r => (bool)r["pending"]!));
        Assert.Equal(pending, await team.ValueAsync("select pending from cpf.what_if(0.95)"));
    }

    [Fact]
    public async Task WhatIf_ThresholdWithoutAnAnswer_SaysWhatToDo()
    {
        await using var database = await databases.CreateAsync(Token);
        var team = new DataTeam(database);
        var noModel = await Assert.ThrowsAsync<PostgresException>(() => team.AskAsync("select * from cpf.what_if(0.9)"));
        await Catalogue.CreateAsync(database, 2, 0.75);

        var below = await Assert.ThrowsAsync<PostgresException>(() => team.AskAsync("select * from cpf.what_if(0.7)"));
        var above = await Assert.ThrowsAsync<PostgresException>(() => team.AskAsync("select * from cpf.what_if('NaN')"));
        var nothing = await Assert.ThrowsAsync<PostgresException>(() => team.AskAsync("select * from cpf.what_if_members(null)"));

        Assert.Equal(PostgresErrorCodes.ObjectNotInPrerequisiteState, noModel.SqlState);
        Assert.Equal(
            [PostgresErrorCodes.InvalidParameterValue, PostgresErrorCodes.InvalidParameterValue, PostgresErrorCodes.InvalidParameterValue],
            [below.SqlState, above.SqlState, nothing.SqlState]);
        Assert.Contains("0.7 is below 0.75", below.MessageText, StringComparison.Ordinal);
        Assert.Contains("infra/cpf train", below.Hint, StringComparison.Ordinal);
    }

    private static Half[] Row(double x, double y) => [(Half)x, (Half)y];
}
