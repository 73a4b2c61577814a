using CpfPipeline.Data;
using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher;

public sealed class GiantRegrouperTests(TestDatabases databases)
{
    private const string Waiting =
        "select exists (select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database()))";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunOnce_VerdictComesWhileItComputes_WritesWhatItHasAndLeavesAllPending()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = Pictures.Clustered(8, products: 1, each: 9, dimension: 16);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions { MaxOnlineComponent = 4 });
        foreach (var picture in pictures)
        {
            await matcher.Updater.RefreshAsync([picture.ContentId], Token);
        }

        var ungrouped = await GroupsAsync();
        Task<bool> regrouping;
        await using (var reviewer = await database.DataSource.OpenConnectionAsync(Token))
        await using (var transaction = await reviewer.BeginTransactionAsync(Token))
        {
            await GroupStore.LockGroupsAsync(reviewer, Token);
            regrouping = matcher.Giants.RunOnceAsync(Token);
            await ShadowSteps.AwaitAsync(database, Waiting, Token);

            // As the transaction of a verdict leaves a giant: all its members wait.
            await catalogue.JudgeAsync(pictures[0].ContentId, pictures[1].ContentId, same: false);
            await database.ExecuteAsync("update cpf.group_members set pending = true");
            await transaction.CommitAsync(Token);
        }

        Assert.True(await regrouping);

        Assert.True(await GroupsAsync() < ungrouped, "nothing was regrouped");
        Assert.Equal(9L, await database.ScalarAsync<long>("select count(*) from cpf.group_members where pending"));
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(distinct component_id) from cpf.group_members"));
        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();

        Task<long> GroupsAsync() => database.ScalarAsync<long>("select count(distinct group_id) from cpf.group_members");
    }

    [Fact]
    public async Task RunOnce_VerdictWasGroupedMeanwhile_WritesNothing()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = Pictures.Clustered(8, products: 1, each: 9, dimension: 16);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions { MaxOnlineComponent = 4 });
        await matcher.Updater.RefreshAsync([.. pictures.Select(p => p.ContentId)], Token);
        await database.ExecuteAsync("update cpf.group_members set pending = true");
        const string State = "select string_agg(content_id || ':' || group_id || ':' || pending, ' ' order by content_id) from cpf.group_members";
        string grouped;
        Task<bool> regrouping;
        await using (var reviewer = await database.DataSource.OpenConnectionAsync(Token))
        await using (var transaction = await reviewer.BeginTransactionAsync(Token))
        {
            await GroupStore.LockGroupsAsync(reviewer, Token);
            regrouping = matcher.Giants.RunOnceAsync(Token);
            await ShadowSteps.AwaitAsync(database, Waiting, Token);

            await catalogue.JudgeAsync(pictures[0].ContentId, pictures[1].ContentId, same: false);
            await database.ExecuteAsync("update cpf.group_members set pending = false, group_id = content_id");
            grouped = await database.ScalarAsync<string>(State);
            await transaction.CommitAsync(Token);
        }

        Assert.True(await regrouping);

        Assert.Equal(grouped, await database.ScalarAsync<string>(State));
    }
}
