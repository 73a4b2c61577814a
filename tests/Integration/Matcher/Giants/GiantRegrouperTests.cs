using CpfPipeline.Data.Locks;
using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Giants;

public sealed class GiantRegrouperTests(TestDatabases databases)
{
    private const string State =
        """
        select string_agg(content_id || ':' || group_id || ':' || pending, ' ' order by content_id) from cpf.group_members
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunOnce_VerdictComesWhileItComputes_WritesWhatItHasAndLeavesAllPending()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, matcher, ids) = await StartAsync(database, products: 1);
        using var disposed = matcher;
        var ungrouped = await GroupsAsync();

        Assert.True(await RegroupWhileAsync(database, matcher, async () =>
        {
            // As the transaction of a verdict leaves a giant: all its members wait.
            await catalogue.JudgeAsync(ids[0], ids[1], same: false);
            await database.ExecuteAsync("update cpf.group_members set pending = true");
        }));

        Assert.True(await GroupsAsync() < ungrouped, "nothing was regrouped");
        Assert.Equal(9L, await database.ScalarAsync<long>("select count(*) from cpf.group_members where pending"));
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(distinct component_id) from cpf.group_members"));
        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();

        Task<long> GroupsAsync() => database.ScalarAsync<long>("select count(distinct group_id) from cpf.group_members");
    }

    [Theory]
    [InlineData(0, 1, "pending = false, group_id = content_id")] // Grouped in the verdict's own transaction, after all.
    [InlineData(7, 8, "pending = true")] // Apart, and to stay apart: the computation would bring them together.
    public async Task RunOnce_WhatItHasIsWorseThanWhatIsThere_WritesNothing(int a, int b, string change)
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, matcher, ids) = await StartAsync(database, products: 1);
        using var disposed = matcher;
        var there = string.Empty;

        Assert.True(await RegroupWhileAsync(database, matcher, async () =>
        {
            await catalogue.JudgeAsync(ids[a], ids[b], same: false);
            await database.ExecuteAsync($"update cpf.group_members set {change}");
            there = await database.ScalarAsync<string>(State);
        }));

        Assert.Equal(there, await database.ScalarAsync<string>(State));
    }

    [Fact]
    public async Task RunOnce_TwoGiantsArePendingAgainAndAgain_TakesThemInTurn()
    {
        await using var database = await databases.CreateAsync(Token);
        var (_, matcher, _) = await StartAsync(database, products: 2);
        using var disposed = matcher;
        var regrouped = new List<long>();
        for (var round = 0; round < 4; round++)
        {
            await database.ExecuteAsync("update cpf.group_members set pending = true");
            Assert.True(await matcher.Giants.RunOnceAsync(Token));
            regrouped.Add(await database.ScalarAsync<long>("select distinct component_id from cpf.group_members where not pending"));
        }

        Assert.Equal([regrouped[0], regrouped[1], regrouped[0], regrouped[1]], regrouped);
        Assert.NotEqual(regrouped[0], regrouped[1]);
    }

    [Fact]
    public async Task RunOnce_ShadowRegroupsAGiantInBetween_TakesThoseOfTheActiveModelInTurn()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, matcher, _) = await StartAsync(database, products: 2);
        using var disposed = matcher;
        var active = catalogue.Model.ModelId;
        var shadow = await catalogue.ShadowAsync(0.89, head: null);
        Assert.True(await matcher.Keeper.RunOnceAsync(Token));
        var regrouped = new List<long>();
        for (var round = 0; round < 4; round++)
        {
            await database.ExecuteAsync("update cpf.group_members set pending = true where model_id = $1", active);
            await database.ExecuteAsync(
                """
                update cpf.group_members set pending = true where component_id = (select max(component_id) from cpf.group_members)
                    and model_id = $1
                """,
                shadow.ModelId);
            Assert.True(await matcher.Giants.RunOnceAsync(Token));
            Assert.NotNull(await matcher.CatchUp.RunAsync(shadow, Token));
            regrouped.Add(await database.ScalarAsync<long>(
                "select distinct component_id from cpf.group_members where not pending and model_id = $1", active));
        }

        Assert.Equal([regrouped[0], regrouped[1], regrouped[0], regrouped[1]], regrouped);
        Assert.NotEqual(regrouped[0], regrouped[1]);
    }

    // Similar pictures of one product, arriving one by one: the first few are grouped at once, the others are pending in groups of their
    // own.
    private static async Task<(Catalogue Catalogue, MatcherInstance Matcher, long[] Ids)> StartAsync(TestDatabase database, int products)
    {
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(8, products, each: 9, dimension: 16);
        long[] ids = [.. pictures.Select(p => p.ContentId)];
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync(ids);
        var matcher = new MatcherInstance(database.DataSource, new MatcherOptions { MaxOnlineComponent = 4 });
        foreach (var id in ids)
        {
            await matcher.Updater.RefreshAsync([id], Token);
        }

        return (catalogue, matcher, ids);
    }

    // Between its computation and its writing, which waits for the group lock.
    private static async Task<bool> RegroupWhileAsync(TestDatabase database, MatcherInstance matcher, Func<Task> meanwhile)
    {
        await using var reviewer = await database.DataSource.OpenConnectionAsync(Token);
        await using var transaction = await reviewer.BeginTransactionAsync(Token);
        await TransactionLocks.TakeGroupsAsync(reviewer, Token);
        var regrouping = matcher.Giants.RunOnceAsync(Token);
        await ShadowSteps.AwaitGroupLockWaitersAsync(database, Token);
        await meanwhile();
        await transaction.CommitAsync(Token);
        return await regrouping;
    }
}
