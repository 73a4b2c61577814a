using CpfPipeline.Data;
using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher;
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
        await database.ExecuteAsync("update cpf.images set state = 'rejected', reject_reason = 'x', content_id = null where external_id = 'listing'");
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
            "begin; update cpf.models set state = 'retired' where threshold = 0.95; update cpf.models set state = 'active', activated_at = now() where threshold = 0.75; commit");

        async Task<object?> AtAsync(DateTime time) => await team.ValueAsync("select cpf.group_at($1, $2)", ImageId.From("s", "2"), time);

        Assert.Equal(1L, await AtAsync(first));
        Assert.Null(await AtAsync(between)); // The new model's groups were not made yet.
        Assert.Equal(2L, await AtAsync(second));
        Assert.Equal(1L, await AtAsync(DateTime.MaxValue.ToUniversalTime()));
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
        var noTime = await Assert.ThrowsAsync<PostgresException>(() => team.AskAsync("select cpf.group_at($1, null)", ImageId.From("s", "10")));

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
        await GroupStore.LockGroupsAsync(early, Token);
        await GroupWriter.ApplyAsync(early, catalogue.Model.ModelId, changes, Token);
        await transaction.CommitAsync(Token);

        Assert.True(await database.ScalarAsync<bool>(
            "select (select at from cpf.group_events order by seq limit 1) < (select at from cpf.group_events order by seq desc limit 1)"));
    }

    private static Half[] Row(double x, double y) => [(Half)x, (Half)y];
}
