using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Sql;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Grouping;

public sealed class GroupUpdaterTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refresh_NeighbourJoinsBetweenSearchAndLock_IsFoundAllTheSame()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(5, products: 1, each: 2, dimension: 16);
        await catalogue.EmbedAsync(pictures[0]);
        await catalogue.ShowAsync([pictures[0].ContentId]);
        using var other = new MatcherInstance(database.DataSource, new MatcherOptions());
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions(), inner => new InterposedSearch(inner, async () =>
        {
            if (await database.ScalarAsync<long>("select count(*) from cpf.group_members") == 0)
            {
                await catalogue.EmbedAsync(pictures[1]);
                await catalogue.ShowAsync([pictures[1].ContentId]);
                await other.Updater.RefreshAsync([pictures[1].ContentId], Token);
            }
        }));

        await matcher.Updater.RefreshAsync([pictures[0].ContentId], Token);

        Assert.Equal(
            [2L], (await database.QueryAsync("select count(*) from cpf.group_members group by group_id")).Select(r => (long)r[0]!));
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(*) from cpf.matches where similarity >= 0.9"));
        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();
    }

    [Fact]
    public async Task Refresh_NeighboursInTransactionsThatOverlap_AreOneGroup()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        await catalogue.EmbedAsync((1, [(Half)1, (Half)0]), (2, [(Half)1, (Half)0]));
        await catalogue.ShowAsync([1, 2]);
        using var one = new MatcherInstance(database.DataSource, new MatcherOptions());
        using var other = new MatcherInstance(database.DataSource, new MatcherOptions());
        Task[] updates;
        await using (var connection = await database.DataSource.OpenConnectionAsync(Token))
        await using (await connection.BeginTransactionAsync(Token))
        {
            // Stops a transaction between the groups that it writes and its commit.
            await connection.Sql("lock table cpf.outbox in share mode").ExecuteAsync(Token);
            updates = [one.Updater.RefreshAsync([1], Token), other.Updater.RefreshAsync([2], Token)];
            await ShadowSteps.AwaitAsync(
                database,
                """
                select count(distinct pid) = 2 from pg_locks
                where not granted and database = (select oid from pg_database where datname = current_database())
                """,
                Token);
        }

        await Task.WhenAll(updates);

        Assert.Equal(1L, await database.ScalarAsync<long>("select count(distinct group_id) from cpf.group_members"));
    }

    [Fact]
    public async Task Recompute_VerdictIsWithdrawnAndChunksAreOfOne_ComparesItsTwoEnds()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        await catalogue.EmbedAsync((1, [(Half)1, (Half)0]), (2, [(Half)1, (Half)0]));
        await catalogue.ShowAsync([1, 2]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions { ChunkContents = 1 });
        await catalogue.JudgeAsync(1, 2, same: false);
        await matcher.Updater.RefreshAsync([1, 2], Token);

        await catalogue.JudgeAsync(1, 2, same: null);
        await matcher.Updater.RecomputeAsync([1, 2], Token);

        Assert.Equal(1L, await database.ScalarAsync<long>("select count(distinct group_id) from cpf.group_members"));
        await catalogue.AssertExactAsync();
    }

    [Fact]
    public async Task Refresh_NeighbourLeavesBetweenSearchAndLock_SearchesAgain()
    {
        await using var database = await databases.CreateAsync(Token);

        // Without the middle one the outer ones have nothing in common.
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        (long, Half[]) left = (1, [(Half)1, (Half)0]), middle = (2, [(Half)0.75, (Half)0.75]), right = (3, [(Half)0, (Half)1]);
        await catalogue.EmbedAsync(left, middle, right);
        await catalogue.ShowAsync([1, 2, 3]);
        using var other = new MatcherInstance(database.DataSource, new MatcherOptions());
        await other.Updater.RefreshAsync([2], Token);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions(), inner => new InterposedSearch(inner, async () =>
        {
            if (await catalogue.RetractAsync("2") is not null)
            {
                await other.Updater.RefreshAsync([2], Token);
            }
        }));

        await matcher.Updater.RefreshAsync([1, 3], Token);

        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();
    }

    [Fact]
    public async Task Refresh_ArrivalsWhoseOnlyNeighbourLeavesWithThem_PlacesThem()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        await catalogue.EmbedAsync((1, [(Half)1, (Half)0]), (2, [(Half)0.75, (Half)0.75]), (3, [(Half)0, (Half)1]));
        await catalogue.ShowAsync([1, 2, 3]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Updater.RefreshAsync([2], Token);
        await catalogue.RetractAsync("2");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(20));

        await matcher.Updater.RefreshAsync([1, 2, 3], limit.Token);

        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();
    }

    [Fact]
    public async Task Refresh_CrashBeforeTheCommit_LeavesNothingAndTheNextDoesIt()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(6, products: 2, each: 3, dimension: 16);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        await database.ExecuteAsync(
            """
            create function break() returns trigger language plpgsql as $$ begin raise exception 'broken'; end $$;
            create trigger break before insert on cpf.outbox execute function break()
            """);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());

        await Assert.ThrowsAsync<PostgresException>(() => matcher.Updater.RefreshAsync([.. pictures.Select(p => p.ContentId)], Token));
        Assert.Equal(0L,
            await database.ScalarAsync<long>("select (select count(*) from cpf.group_members) + (select count(*) from cpf.group_events)"));

        await database.ExecuteAsync("drop trigger break on cpf.outbox");
        await matcher.Updater.RefreshAsync([.. pictures.Select(p => p.ContentId)], Token);
        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();
    }

    [Fact]
    public async Task Refresh_SameContentsAgain_WritesAndTellsNothing()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(7, products: 3, each: 4, dimension: 16);
        long[] ids = [.. pictures.Select(p => p.ContentId)];
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync(ids);
        var dispatched = new List<OutboxMessage>();
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions(), dispatch: (rows, _) =>
        {
            dispatched.AddRange(rows);
            return Task.CompletedTask;
        });
        const string State = "select sum(hashtext(m::text || xmin::text)::bigint)::text from cpf.group_members m";
        await matcher.Updater.RefreshAsync(ids, Token);
        var (before, events) = (
            await database.ScalarAsync<string>(State), await database.ScalarAsync<long>("select max(seq) from cpf.group_events"));
        Assert.Equal("MatchGroupsChanged", Assert.Single(dispatched).Type);

        await matcher.Updater.RefreshAsync([.. ids, .. ids], Token);

        Assert.Equal(before, await database.ScalarAsync<string>(State));
        Assert.Equal(events, await database.ScalarAsync<long>("select max(seq) from cpf.group_events"));
        Assert.Single(dispatched);
    }

    [Fact]
    public async Task Refresh_PlaceholderByKeys_StaysOutUntilItIsNone()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        await catalogue.EmbedAsync((1, [(Half)1, (Half)0]), (2, [(Half)1, (Half)0]));
        await catalogue.ShowAsync([2]);
        for (var i = 0; i < 20; i++)
        {
            await catalogue.SubmitAsync($"logo-{i}", 1, $"key-{i}");
        }

        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Updater.RefreshAsync([1, 2], Token);
        Assert.Equal("2", await MembersAsync());

        await catalogue.RetractAsync("logo-19");
        await matcher.Updater.RefreshAsync([1], Token);
        Assert.Equal("1 2", await MembersAsync());
        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();

        await database.ExecuteAsync("insert into cpf.placeholder_overrides (content_id, is_placeholder) values (2, true)");
        await matcher.Updater.RefreshAsync([2], Token);
        Assert.Equal("1", await MembersAsync());

        async Task<string> MembersAsync() =>
            string.Join(" ", (await database.QueryAsync("select content_id from cpf.group_members order by 1")).Select(r => r[0]));
    }

    [Fact]
    public async Task Recompute_VerdictBetweenMembers_IsFollowedWithoutASearch()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(8, products: 2, each: 5, dimension: 16);
        long[] ids = [.. pictures.Select(p => p.ContentId)];
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync(ids);
        var searches = 0;
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions(), inner => new InterposedSearch(inner, () =>
        {
            searches++;
            return Task.CompletedTask;
        }));
        await matcher.Updater.RefreshAsync(ids, Token);
        await matcher.SettleAsync(Token);
        searches = 0;

        foreach (var (a, b, same) in new (
            long, long, bool?)[] { (ids[0], ids[1], false), (ids[0], ids[9], true), (ids[0], ids[1], null), (ids[0], ids[9], null) })
        {
            await catalogue.JudgeAsync(a, b, same);
            await matcher.Updater.RecomputeAsync([a, b], Token);
            await catalogue.AssertExactAsync();
        }

        Assert.Equal(0, searches);
    }

    [Fact]
    public async Task Refresh_ComponentTooLarge_ArrivalsArePendingUntilRegrouped()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(8, products: 1, each: 9, dimension: 16);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions { MaxOnlineComponent = 4 });
        foreach (var picture in pictures)
        {
            await matcher.Updater.RefreshAsync([picture.ContentId], Token);
        }

        Assert.Equal(5L, await database.ScalarAsync<long>("select count(*) from cpf.group_members where pending"));
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(distinct component_id) from cpf.group_members"));
        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();
    }

    [Fact]
    public async Task Refresh_IndexAskedForFewerThanThereAre_FindsAllNeighbours()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(9, products: 2, each: 60, dimension: 16);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        await database.ExecuteAsync("select cpf.create_embedding_index($1)", catalogue.Model.HeadId);
        using var matcher = new MatcherInstance(
            database.DataSource,
            new MatcherOptions { Search = SearchMode.Index, IndexNeighbours = 2, IndexCandidates = 2, GalleryMegabytes = 0 });

        foreach (var chunk in pictures.Chunk(10))
        {
            await matcher.Updater.RefreshAsync([.. chunk.Select(p => p.ContentId)], Token);
        }

        Assert.Equal(2L, await database.ScalarAsync<long>("select count(distinct component_id) from cpf.group_members"));
        var outcome = await matcher.Reconciler.RunAsync(Token);
        Assert.Equal(0, outcome!.MissedPairs);
        await catalogue.AssertExactAsync();
    }
}
