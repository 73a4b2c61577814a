using CpfPipeline.Data.Schema;
using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Handover;

/// <summary>
/// The Matcher dies between any two statements of a handover, also right after a commit it never heard of: the next one ends it the same,
/// once.
/// </summary>
public sealed class HandoverFaultTests(TestDatabases databases)
{
    private const int MaxRoundTrips = 120;
    private static readonly MatcherOptions Options = new() { MaxOnlineComponent = 4, ChunkContents = 5 };

    // Two blocks and two ranges: four tiles.
    private static readonly MatcherOptions InTiles = new()
    {
        MaxOnlineComponent = 4, ChunkContents = 5, TilesAtContents = 1, TileBlockContents = 13, TileRangeContents = 13,
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Break.BeforeTheStatement, false)]
    [InlineData(Break.AfterTheStatement, false)]
    [InlineData(Break.BeforeTheStatement, true)]
    [InlineData(Break.AfterTheStatement, true)]
    public async Task WholeGrouping_DiesAtAnyStatement_TheNextOneEndsTheSame(Break how, bool inTiles)
    {
        var options = inTiles ? InTiles : Options;
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, _) = await MatchedAsync(database);
        var shadow = await catalogue.ShadowAsync(0.8, head: 2);
        await database.ExecuteAsync("truncate cpf.outbox, cpf.group_events");
        var broken = await SweepAsync(
            database, how, options,
            async () =>
            {
                await database.ExecuteAsync("delete from cpf.group_members where model_id = $1", shadow.ModelId);
                await database.ExecuteAsync("delete from cpf.matches where head_id = $1", shadow.HeadId);
                await database.ExecuteAsync("update cpf.model_preparations set grouped_at = null");
            },
            async () =>
            {
                await ShadowSteps.CatchUpAsync(database, options, Token);
                await catalogue.AssertGroupsAsync(shadow);

                // Messages of tiles that were committed and not sent are the sweeper's.
                Assert.Equal(0L, await database.ScalarAsync<long>(
                    """
                    select (select count(*) from cpf.group_events) + (select count(*) from cpf.outbox where type <> 'JoinTile')
                         + (select count(*) from cpf.joins)
                    """));
            });
        Assert.InRange(broken, 1, MaxRoundTrips - 1);
    }

    [Theory]
    [InlineData(Break.BeforeTheStatement)]
    [InlineData(Break.AfterTheStatement)]
    public async Task CatchUpAndActivation_DieAtAnyStatement_TheNextOneEndsTheSameAndTellsOnce(Break how)
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, ids) = await MatchedAsync(database);
        var shadow = await catalogue.ShadowAsync(0.8, head: 2, (_, e) => [.. e.Select((v, i) => i % 2 == 0 ? v : (Half)0)]);
        await ShadowSteps.CatchUpAsync(database, Options, Token);
        var (round, told) = (0, 0L);
        var broken = await SweepAsync(
            database, how, Options,
            async () =>
            {
                // Forth and back between two models, each time with something to catch up with.
                if (round > 0)
                {
                    shadow = await catalogue.ShadowAsync(
                        await database.ScalarAsync<long>("select model_id from cpf.models where state = 'retired'"));
                }

                var (a, b) = (ids[round % ids.Length], ids[(round + 5) % ids.Length]);
                await (round % 2 == 0 ? catalogue.RetractAsync($"{a}")
                    : catalogue.SubmitAsync($"{ids[(round - 1) % ids.Length]}", ids[(round - 1) % ids.Length]));
                await catalogue.JudgeAsync(a, b, round % 3 == 0);
                using var live = new MatcherInstance(database.DataSource, Options);
                await live.Updater.RecomputeAsync(ids, Token);
                await live.SettleAsync(Token);
                await catalogue.AssertExactAsync();
                await database.ExecuteAsync("delete from cpf.outbox");
                told = await database.ScalarAsync<long>("select max(seq) from cpf.group_events");
                await catalogue.WishAsync(shadow);
                round++;
            },
            async () =>
            {
                await ShadowSteps.ActivateAsync(catalogue, shadow, Options, Token);
                using var live = new MatcherInstance(database.DataSource, Options);
                await live.Repair.RunAsync(expected: true, Token);
                Assert.Equal(1L, await database.ScalarAsync<long>("select count(*) from cpf.outbox where type = 'ModelActivated'"));
                await live.SettleAsync(Token);
                await catalogue.AssertExactAsync(); // The events of each activation are in the line once.
                await catalogue.AssertToldAsync(told);
            });
        Assert.InRange(broken, 2, MaxRoundTrips - 1);
    }

    private static async Task<(Catalogue Catalogue, long[] Ids)> MatchedAsync(TestDatabase database)
    {
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(8, products: 5, each: 5, dimension: 16, noise: 0.2);
        await catalogue.EmbedAsync(pictures);
        long[] ids = [.. pictures.Select(p => p.ContentId)];
        await catalogue.ShowAsync(ids);
        using var matcher = new MatcherInstance(database.DataSource, Options);
        await matcher.Updater.RefreshAsync(ids, Token);
        await matcher.SettleAsync(Token);
        return (catalogue, ids);
    }

    /// <summary>
    /// Has a Matcher look at the shadow again and again, its connections breaking at a later and later commit, until it gets through. With
    /// CPF_FAULTS=all at every round trip.
    /// </summary>
    /// <returns>How many commits, or round trips, a look has.</returns>
    private static async Task<int> SweepAsync(
        TestDatabase database, Break how, MatcherOptions options, Func<Task> begin, Func<Task> end)
    {
        await using var faulty = new FaultyPostgres(database.ConnectionString);
        var all = Environment.GetEnvironmentVariable("CPF_FAULTS") == "all";
        for (var at = 1; at <= MaxRoundTrips; at++)
        {
            await begin();
            await using (var source = PostgresDataSource.Create(faulty.ConnectionString, "cpf-faulty"))
            using (var dying = new MatcherInstance(source, options))
            {
                faulty.BreakAt(at, how, commitsOnly: !all);
                try
                {
                    await dying.Keeper.RunOnceAsync(Token);
                }
                catch (Exception e) when (e is NpgsqlException or IOException)
                {
                }
            }

            await end();
            if (!faulty.HasBroken)
            {
                return at - 1;
            }
        }

        return MaxRoundTrips;
    }
}
