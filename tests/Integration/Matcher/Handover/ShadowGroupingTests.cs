using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Handover;

/// <summary>The groups of a shadow follow the definition at every moment, and no event names them.</summary>
public sealed class ShadowGroupingTests(TestDatabases databases)
{
    private const int Dimension = 4;

    // Coarse values, so that similarities tie and hit the threshold exactly all the time.
    private static readonly double[] Coordinates = [-0.5, -0.25, 0, 0.25, 0.5, 0.75];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2_000, true)]
    [InlineData(3, true)]
    [InlineData(2_000, false)]
    public async Task Keeper_AnySetTiesVerdictsAndChanges_ShadowIsTheNaivePartitionAndSilent(int maxOnlineComponent, bool anotherHead)
    {
        await Gen.Int[0, int.MaxValue].SampleAsync(seed => RunAsync(seed, maxOnlineComponent, anotherHead), iter: 12, threads: 1);
    }

    [Fact]
    public async Task Keeper_JoinsInTilesThatAreLostRepeatedLateOrKilled_ShadowIsTheNaivePartitionAndSilent()
    {
        await Gen.Int[0, int.MaxValue].SampleAsync(seed => RunAsync(seed, 2_000, anotherHead: true, inTiles: true), iter: 8, threads: 1);
    }

    private async Task RunAsync(int seed, int maxOnlineComponent, bool anotherHead, bool inTiles = false)
    {
        var random = new Random(seed);
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, Dimension, 0.75);
        var options = new MatcherOptions { MaxOnlineComponent = maxOnlineComponent, ChunkContents = 1 + random.Next(20) };
        if (inTiles)
        {
            (options.TilesAtContents, options.TileBlockContents, options.TileRangeContents) = (1, 1 + random.Next(9), 1 + random.Next(40));
        }

        using var matcher = new MatcherInstance(database.DataSource, options);
        var contents = Enumerable.Range(0, 10 + random.Next(30))
            .Select(_ => (Id: random.NextInt64(0, long.MaxValue), Embedding: Enumerable.Range(0, Dimension)
                .Select(_ => (Half)Coordinates[random.Next(Coordinates.Length)]).ToArray()))
            .ToArray();
        await catalogue.EmbedAsync([.. contents.Take(8)]);
        var embedded = 8;
        await ChangeAsync(40);
        var shadow = await catalogue.ShadowAsync(random.Next(2) == 0 ? 0.625 : 0.8125, anotherHead ? (byte)2 : null, (_, e) =>
            [e[1], e[2], e[3], (Half)(-(double)e[0])]);
        await database.ExecuteAsync("truncate cpf.group_events, cpf.outbox");

        for (var round = 0; round < 4; round++)
        {
            await ShadowSteps.CatchUpAsync(database, options, Token, inTiles ? seed : null);
            await catalogue.AssertGroupsAsync(shadow);
            Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from cpf.joins"));
            Assert.Equal(
                0L, await database.ScalarAsync<long>("select (select count(*) from cpf.group_events) + (select count(*) from cpf.outbox)"));
            Assert.Equal(
                await database.ScalarAsync<long>("select count(*) from cpf.group_members where model_id = $1", shadow.ModelId),
                await database.ScalarAsync<long>("select members from cpf.model_preparations where grouped_at is not null"));
            Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from cpf.model_stale"));
            await ChangeAsync(1 + random.Next(12));
        }

        async Task ChangeAsync(int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                var image = $"image-{random.Next(40)}";
                if (embedded < contents.Length && random.Next(3) == 0)
                {
                    await catalogue.EmbedAsync(contents[embedded++]);
                }

                var contentId = contents[random.Next(embedded)].Id;
                var other = contents[random.Next(embedded)].Id;
                switch (random.Next(10))
                {
                    case < 5:
                        await catalogue.SubmitAsync(image, contentId);
                        break;
                    case < 7:
                        await catalogue.RetractAsync(image);
                        break;
                    case < 9 when other != contentId:
                        await catalogue.JudgeAsync(contentId, other, random.Next(3) switch { 0 => true, 1 => false, _ => null });
                        break;
                    default:
                        break;
                }
            }
        }
    }

    [Theory]
    [InlineData(int.MaxValue, 1, 1)]
    [InlineData(1, 7, 100)]
    [InlineData(1, 4, 9)]
    public async Task Keeper_NewShadow_KeepsThePairsThatAReconcileKeeps(int tilesAtContents, int blockContents, int rangeContents)
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(3, products: 6, each: 5, dimension: 16, noise: 0.2);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        var options = new MatcherOptions
        {
            NearestKept = 3, PairsKept = 4, NearestFloorBelowThreshold = 0.4, TilesAtContents = tilesAtContents,
            TileBlockContents = blockContents, TileRangeContents = rangeContents,
        };
        using var matcher = new MatcherInstance(database.DataSource, options);
        await matcher.Repair.RunAsync(expected: true, Token);
        await matcher.SettleAsync(Token);
        var shadow = await catalogue.ShadowAsync(0.9, head: 2);

        await ShadowSteps.CatchUpAsync(database, options, Token);

        await catalogue.AssertGroupsAsync(shadow);
        Assert.True(await database.ScalarAsync<long>("select count(*) from cpf.matches where head_id = $1", shadow.HeadId) > 30);
        Assert.Equal(0L, await database.ScalarAsync<long>(
            """
            select count(*)
            from      (select * from cpf.matches where head_id = $1) a
            full join (select * from cpf.matches where head_id = $2) s using (content_a, content_b)
            where a.similarity is distinct from s.similarity
            """, catalogue.Model.HeadId, shadow.HeadId));
        Assert.Equal(0L, await database.ScalarAsync<long>(
            "select count(*) from cpf.group_members where model_id = $1 and not reconciled", shadow.ModelId));
    }

    [Fact]
    public async Task Keeper_VerdictWhileTheWholeIsGrouped_IsRespectedAfterwards()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        await catalogue.EmbedAsync((1, [(Half)1, (Half)0]), (2, [(Half)1, (Half)0]), (3, [(Half)0, (Half)1]));
        await catalogue.ShowAsync([1, 2, 3]);
        await catalogue.JudgeAsync(2, 3, true);
        var shadow = await catalogue.ShadowAsync(0.75, head: 2);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        Task<bool> grouping;
        await using (var reviewer = await database.DataSource.OpenConnectionAsync(Token))
        {
            await using var transaction = await reviewer.BeginTransactionAsync(Token);
            await TransactionLocks.TakeGroupsAsync(reviewer, Token);
            grouping = matcher.Keeper.RunOnceAsync(Token);
            await ShadowSteps.AwaitGroupLockWaitersAsync(database, Token);
            await VerdictStore.GiveAsync(reviewer, new Verdict(1, 2, false), "ann", null, null, Token);
            await VerdictStore.WithdrawAsync(reviewer, 2, 3, "ann", null, null, Token);
            await transaction.CommitAsync(Token);
        }

        catalogue.Believe([(1, 2, false)]);
        Assert.True(await grouping);
        await ShadowSteps.CatchUpAsync(database, new MatcherOptions(), Token);

        await catalogue.AssertGroupsAsync(shadow);
    }

    [Fact]
    public async Task Keeper_ContentErasedWhileTheWholeIsGrouped_LeavesNoTrace()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        await catalogue.EmbedAsync((1, [(Half)1, (Half)0]), (2, [(Half)1, (Half)0]), (3, [(Half)1, (Half)0]), (4, [(Half)0, (Half)1]));
        await catalogue.ShowAsync([1, 2, 3, 4]);
        var shadow = await catalogue.ShadowAsync(0.75, head: 2);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        Task<bool> grouping;
        await using (var eraser = await database.DataSource.OpenConnectionAsync(Token))
        {
            await using var transaction = await eraser.BeginTransactionAsync(Token);
            await TransactionLocks.TakeGroupsAsync(eraser, Token);
            grouping = matcher.Keeper.RunOnceAsync(Token);
            await ShadowSteps.AwaitGroupLockWaitersAsync(database, Token);
            await using var erase = new Npgsql.NpgsqlCommand(
                """
                delete from cpf.images where content_id = 1; delete from cpf.embeddings where content_id = 1;
                delete from cpf.matches where content_a = 1; delete from cpf.contents where content_id = 1
                """,
                eraser);
            await erase.ExecuteNonQueryAsync(Token);
            await transaction.CommitAsync(Token);
        }

        Assert.True(await grouping);
        Assert.Equal(0L, await database.ScalarAsync<long>(
            """
            select (select count(*) from cpf.group_members where 1 in (content_id, group_id, component_id))
                 + (select count(*) from cpf.groups where 1 in (group_id, medoid)) + (select count(*) from cpf.group_merges
                     where 1 in ("left", "right"))
            """));
        await catalogue.RetractAsync("1");
        await ShadowSteps.CatchUpAsync(database, new MatcherOptions(), Token);
        await catalogue.AssertGroupsAsync(shadow);
    }

    [Fact]
    public async Task BecomeShadowAsync_GroupsThatAnInterruptedStepBackLeft_AreGone()
    {
        await using var database = await databases.CreateAsync(Token);
        var shadow = await ShadowOfAPairAsync(database);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        Assert.True(await matcher.Keeper.RunOnceAsync(Token));
        const string Rows = """
            select (select count(*) from cpf.group_members where model_id = $1) + (select count(*) from cpf.groups where model_id = $1)
                 + (select count(*) from cpf.group_merges where model_id = $1)
            """;
        Assert.Equal(4L, await database.ScalarAsync<long>(Rows, shadow.ModelId));
        await database.ExecuteAsync("update cpf.models set state = 'refused' where model_id = $1", shadow.ModelId);

        // Verdicts were not taken into them meanwhile, so they must not be caught up with.
        await new ModelTransitions(database.DataSource).BecomeShadowAsync(shadow.ModelId, Token);

        Assert.Equal(0L, await database.ScalarAsync<long>(Rows, shadow.ModelId));
    }

    [Fact]
    public async Task Keeper_SteppedBackWhileTheWholeIsGrouped_WritesNothing()
    {
        await using var database = await databases.CreateAsync(Token);
        var shadow = await ShadowOfAPairAsync(database);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await using var holder = await database.DataSource.OpenConnectionAsync(Token);
        await using var transaction = await holder.BeginTransactionAsync(Token);
        await TransactionLocks.TakeGroupsAsync(holder, Token);
        var stepping = new ModelTransitions(database.DataSource).StepBackAsync(shadow.ModelId, Token);
        await ShadowSteps.AwaitGroupLockWaitersAsync(database, Token);
        var grouping = matcher.Keeper.RunOnceAsync(Token);
        await ShadowSteps.AwaitGroupLockWaitersAsync(database, Token, count: 2);
        await transaction.RollbackAsync(Token);

        await stepping;
        await grouping;
        Assert.Equal(0L, await database.ScalarAsync<long>(
            "select (select count(*) from cpf.group_members) + (select count(*) from cpf.model_preparations)"));
        Assert.False(await matcher.Keeper.RunOnceAsync(Token));
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1)]
    public async Task Keeper_EmbeddingsThatCannotBe_SaysSoAndLetsLiveMatchingGoOn(int tilesAtContents)
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        await catalogue.EmbedAsync((1, [(Half)1, (Half)0]));
        await catalogue.ShowAsync([1]);
        var shadow = await catalogue.ShadowAsync(0.75, head: 2, (_, _) => [(Half)100, (Half)100]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions { TilesAtContents = tilesAtContents });

        Assert.True(await matcher.Keeper.RunOnceAsync(Token));

        var message = await database.ScalarAsync<string>("select message from cpf.model_preparations where model_id = $1", shadow.ModelId);
        Assert.StartsWith("cannot be grouped: Embedding of content 1", message, StringComparison.Ordinal);
        Assert.Equal(1, await database.ScalarAsync<int>("select failures from cpf.model_preparations"));
        Assert.False(await matcher.Keeper.RunOnceAsync(Token)); // Not at once again.
    }

    // Two contents that are the same under both models, grouped under none.
    private static async Task<ServingModel> ShadowOfAPairAsync(TestDatabase database)
    {
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        await catalogue.EmbedAsync((1, [(Half)1, (Half)0]), (2, [(Half)1, (Half)0]));
        await catalogue.ShowAsync([1, 2]);
        return await catalogue.ShadowAsync(0.75, head: 2);
    }
}
