using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Locks;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Sql;

public sealed class GroupHistoryTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Contents 10 and 20 match, 30 and 40 match, the pairs have nothing in common; 5 is like 10 and has the smallest id.
    private static readonly (long, Half[])[] Contents =
        [(10, Row(1, 0)), (20, Row(1, 0)), (30, Row(0, 1)), (40, Row(0, 1)), (5, Row(1, 0))];

    [Fact]
    public async Task GroupAt_ThroughTheLifeOfAnImage_AnswersForEveryTime()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        await catalogue.EmbedAsync(Contents);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        var team = new DataTeam(database);
        await catalogue.ShowAsync([10, 30, 40]);
        await matcher.Updater.RefreshAsync([10, 30, 40], Token);
        var times = new List<DateTime>();
        async Task PassAsync() => times.Add(await database.ScalarAsync<DateTime>("select clock_timestamp()"));

        await PassAsync(); // 0: not there yet.
        await catalogue.SubmitAsync("listing", 20);
        await PassAsync(); // 1: there, not matched.
        await matcher.Updater.RefreshAsync([20], Token);
        await PassAsync(); // 2: with 10.
        await catalogue.SubmitAsync("newcomer", 5);
        await matcher.Updater.RefreshAsync([5], Token);
        await PassAsync(); // 3: the group has another handle.
        await catalogue.SubmitAsync("listing", 40);
        await PassAsync(); // 4: shows what had been matched before.
        await matcher.Updater.RefreshAsync([20, 40], Token);
        await catalogue.RetractAsync("listing");
        await PassAsync(); // 5: retracted.
        await catalogue.SubmitAsync("listing", 20);
        await matcher.Updater.RefreshAsync([20], Token);
        await PassAsync(); // 6: back.
        await database.ExecuteAsync(
            "update cpf.images set state = 'rejected', reject_reason = 'x', content_id = null where external_id = 'listing'");
        await PassAsync(); // 7: rejected.

        var groups = new List<object?>();
        foreach (var time in times)
        {
            groups.Add(await team.ValueAsync("select cpf.group_at($1, $2)", ImageId.From("s", "listing"), time));
        }

        Assert.Equal([null, null, 10L, 5L, 30L, null, 5L, null], groups);
        Assert.Null(await team.ValueAsync("select cpf.group_at($1, 'infinity')", ImageId.From("s", "listing")));
        Assert.Equal(5L, await team.ValueAsync("select cpf.group_at($1, 'infinity')", ImageId.From("s", "10")));
        Assert.Null(await team.ValueAsync("select cpf.group_at($1, '-infinity')", ImageId.From("s", "10")));

        var history = (await team.AskAsync("select * from cpf.group_history($1)", ImageId.From("s", "listing"))).Rows;
        Assert.Equal([10L, 5L, 30L, 5L], history.Select(r => r["group_id"]));
        Assert.Equal([20L, 20L, 40L, 20L], history.Select(r => r["content_id"]));
        Assert.DoesNotContain(history, r => r["to_at"] is null);
        Assert.Null((await team.AskAsync("select * from cpf.group_history($1)", ImageId.From("s", "10"))).Rows[^1]["to_at"]);
    }

    [Fact]
    public async Task GroupAt_ModelsSwitchBackAndForth_AnswersUnderTheModelActiveThen()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);

        // Alike enough for the first model, not for the second.
        await catalogue.EmbedAsync((1, Row(1, 0)), (2, Row(0.875, 0.5)));
        await catalogue.ShowAsync([1, 2]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Repair.RunAsync(expected: true, Token);
        var team = new DataTeam(database);
        var first = await database.ScalarAsync<DateTime>("select clock_timestamp()");
        await catalogue.ActivateAsync(0.95, head: 1);
        var between = await database.ScalarAsync<DateTime>("select clock_timestamp()");
        await matcher.Repair.RunAsync(expected: true, Token);
        var second = await database.ScalarAsync<DateTime>("select clock_timestamp()");
        await database.ExecuteAsync(
            "begin; update cpf.models set state = 'retired' where threshold = 0.95; update cpf.models set state = 'active', activated_at = "
                + "now() where threshold = 0.75; commit");

        async Task<object?> AtAsync(DateTime time) => await team.ValueAsync("select cpf.group_at($1, $2)", ImageId.From("s", "2"), time);

        Assert.Equal(1L, await AtAsync(first));
        Assert.Null(await AtAsync(between)); // The new model's groups were not made yet.
        Assert.Equal(2L, await AtAsync(second));
        Assert.Equal(1L, await AtAsync(DateTime.MaxValue.ToUniversalTime()));
    }

    [Fact]
    public async Task GroupHistory_ModelsTakeOverFromEachOther_IsOneLine()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        var team = new DataTeam(database);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());

        // 1 and 2 are alike enough for the first model, not for the second; 3 and 4 for both.
        await catalogue.EmbedAsync((1, Row(1, 0)), (2, Row(0.875, 0.5)), (3, Row(0, 1)), (4, Row(0, 1)), (5, Row(0, 1)));
        await catalogue.ShowAsync([1, 2, 3, 4]);
        await matcher.Updater.RefreshAsync([1, 2, 3, 4], Token);
        await matcher.SettleAsync(Token);
        var first = catalogue.Model;
        var second = await catalogue.ShadowAsync(0.95, head: null);
        await ShadowSteps.CatchUpAsync(database, new MatcherOptions(), Token);
        await ShadowSteps.ActivateAsync(catalogue, second, new MatcherOptions(), Token);
        await catalogue.ShowAsync([5]);
        await matcher.Updater.RefreshAsync([5], Token);
        await catalogue.RetractAsync("4");
        await matcher.Updater.RefreshAsync([4], Token);
        await ShadowSteps.ActivateAsync(catalogue, await catalogue.ShadowAsync(first.ModelId), new MatcherOptions(), Token);
        await catalogue.SubmitAsync("4", 4);
        await matcher.Updater.RefreshAsync([4], Token);
        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();

        var activations = (await database.QueryAsync("select at from cpf.model_activations order by seq")).Select(r => r[0]).ToArray();
        async Task<List<(object? Model, object? Group, object? From, object? To)>> HistoryAsync(string image) =>
            [.. (await team.AskAsync("select * from cpf.group_history($1)", ImageId.From("s", image))).Rows.Select(r =>
                (r["model_id"], r["group_id"], r["from_at"], r["to_at"]))];

        // Changes at the moments of activation, not a moment later, and without a gap.
        var two = await HistoryAsync("2");
        Assert.Equal([(first.ModelId, 1L), (second.ModelId, 2L), (first.ModelId, 1L)], two.Select(r => ((long)r.Model!, (long)r.Group!)));
        Assert.Equal([activations[1], activations[2], null], two.Select(r => r.To));
        Assert.Equal([activations[1], activations[2]], two.Skip(1).Select(r => r.From));
        var three = await HistoryAsync("3");
        Assert.Equal([(first.ModelId, 3L), (second.ModelId, 3L), (first.ModelId, 3L)], three.Select(r => ((long)r.Model!, (long)r.Group!)));
        Assert.Equal(three.Take(2).Select(r => r.To), three.Skip(1).Select(r => r.From));
        var four = await HistoryAsync("4");
        Assert.Equal([(first.ModelId, 3L), (second.ModelId, 3L), (first.ModelId, 3L)], four.Select(r => ((long)r.Model!, (long)r.Group!)));
        Assert.NotEqual(four[1].To, four[2].From); // Retracted meanwhile.
        Assert.Equal([(second.ModelId, 3L), (first.ModelId, 3L)], (await HistoryAsync("5")).Select(r => ((long)r.Model!, (long)r.Group!)));

        // Pairs that were together since the first day under every model, and pairs that have been apart since the last activation.
        async Task<object?> SinceAsync(string a, string b) =>
            (await team.AskAsync("select * from cpf.why($1, $2)", ImageId.From("s", a), ImageId.From("s", b))).Rows[0]["since"];
        Assert.Equal((await HistoryAsync("5"))[0].From, await SinceAsync("3", "5"));
        Assert.Equal(activations[2], await SinceAsync("1", "2"));
        var groups = (await database.QueryAsync(
            "select cpf.group_at($1, a.at) from cpf.model_activations a order by a.seq", ImageId.From("s", "2"))).Select(r => r[0]);
        Assert.Equal([null, 2L, 1L], groups);
    }

    [Fact]
    public async Task GroupHistory_RegisteredModelBetweenTakeovers_BeginsWithNoGroups()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        await catalogue.EmbedAsync((1, Row(1, 0)), (2, Row(1, 0)));
        await catalogue.ShowAsync([1, 2]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Repair.RunAsync(expected: true, Token);
        await matcher.SettleAsync(Token);
        var first = catalogue.Model.ModelId;
        await catalogue.ActivateAsync(0.8, head: 1); // As versions before this one did for every model.
        var between = await database.ScalarAsync<DateTime>("select clock_timestamp()");
        await matcher.Repair.RunAsync(expected: true, Token);
        await matcher.SettleAsync(Token);
        var second = catalogue.Model.ModelId;
        await ShadowSteps.ActivateAsync(catalogue, await catalogue.ShadowAsync(first), new MatcherOptions(), Token);
        var team = new DataTeam(database);

        Assert.Null(await team.ValueAsync("select cpf.group_at($1, $2)", ImageId.From("s", "2"), between));
        var rows = (await team.AskAsync("select * from cpf.group_history($1)", ImageId.From("s", "2"))).Rows;
        Assert.Equal([first, second, first], rows.Select(r => (long)r["model_id"]!));
        Assert.All(rows, r => Assert.Equal(1L, r["group_id"]));
    }

    [Fact]
    public async Task GroupAt_ContentErasedOrImageDeleted_TellsNothingOfIt()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        await catalogue.EmbedAsync(Contents);
        await catalogue.ShowAsync([10, 30]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Repair.RunAsync(expected: true, Token);
        var before = await database.ScalarAsync<DateTime>("select clock_timestamp()");
        await catalogue.SubmitAsync("10", 40);
        await matcher.Updater.RefreshAsync([10, 40], Token);
        var team = new DataTeam(database);
        Assert.Equal(10L, await team.ValueAsync("select cpf.group_at($1, $2)", ImageId.From("s", "10"), before));

        await database.ExecuteAsync("update cpf.contents set state = 'erased' where content_id = 10");

        Assert.Null(await team.ValueAsync("select cpf.group_at($1, $2)", ImageId.From("s", "10"), before));
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from cpf.image_contents where content_id = 10"));
        await database.ExecuteAsync("delete from cpf.images where external_id = '10'");
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from cpf.image_contents"));
    }

    [Fact]
    public async Task GroupAt_NullOrUnknown_SaysWhatIsWrong()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        await catalogue.EmbedAsync(Contents);
        await catalogue.ShowAsync([10]);
        var team = new DataTeam(database);

        var unknown = await Assert.ThrowsAsync<PostgresException>(() => team.AskAsync("select cpf.group_at($1, now())", Guid.Empty));
        var noImage = await Assert.ThrowsAsync<PostgresException>(() => team.AskAsync("select cpf.group_at(null, now())"));
        var noTime = await Assert.ThrowsAsync<PostgresException>(() =>
            team.AskAsync("select cpf.group_at($1, null)", ImageId.From("s", "10")));

        Assert.Equal((PostgresErrorCodes.NoDataFound, $"there is no image {Guid.Empty}"), (unknown.SqlState, unknown.MessageText));
        Assert.StartsWith("image is null", noImage.MessageText, StringComparison.Ordinal);
        Assert.StartsWith("at is null", noTime.MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GroupEvents_TransactionsThatWaitForTheLock_CarryTimesInTheOrderOfTheirPositions()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        await using var early = await database.DataSource.OpenConnectionAsync(Token);
        await using var transaction = await early.BeginTransactionAsync(Token);
        await GroupStore.LastSeqAsync(early, Token); // Begun before the other one, ended after it.
        await catalogue.EmbedAsync(Contents);
        await catalogue.ShowAsync([10, 20]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Updater.RefreshAsync([10], Token);
        var changes = new GroupChanges();
        changes.Events.Add(new GroupEvent("renamed", 10, 7, 10));
        await TransactionLocks.TakeGroupsAsync(early, Token);
        await GroupWriter.ApplyAsync(early, catalogue.Model.ModelId, changes, Token);
        await transaction.CommitAsync(Token);

        Assert.True(await database.ScalarAsync<bool>(
            "select (select at from cpf.group_events order by seq limit 1) < (select at from cpf.group_events order by seq desc limit 1)"));
    }

    private static Half[] Row(double x, double y) => [(Half)x, (Half)y];
}
