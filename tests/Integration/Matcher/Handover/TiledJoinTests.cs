using CpfPipeline.Contracts;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Matcher;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;
using CpfPipeline.Matching.Kernels;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Handover;

/// <summary>A shadow whose catalogue is joined in tiles by several processes.</summary>
public sealed class TiledJoinTests(TestDatabases databases, TestBroker broker)
{
    private const int Dimension = 16;
    private const int Tiles = 20;

    // Ten blocks, two ranges.
    private static readonly MatcherOptions Options = new() { TilesAtContents = 1, TileBlockContents = 5, TileRangeContents = 25 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keeper_DiesWhileTilesAreOpen_TheNextOneGoesOnAlthoughMuchChanged()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, ids) = await CreateAsync(database);
        var embeddings = Pictures().ToDictionary(p => p.ContentId, p => p.Embedding);
        var shadow = await catalogue.ShadowAsync(0.85, head: 2);
        await PlanAsync(database);
        await ComputeAsync(database, [3, 8, 11, 12]);
        Assert.Equal(4L, await database.ScalarAsync<long>("select count(*) from cpf.join_tiles where done_at is not null"));

        // One content is erased; one is collected and comes back; one is retracted and comes back; one is new; words are said.
        var (erased, returned) = (ids[20], ids[26]);
        await using (var connection = await database.DataSource.OpenConnectionAsync(Token))
        {
            await database.ExecuteAsync("delete from cpf.images where content_id = any($1)", new[] { erased, returned });
            await ContentPurge.RemoveAsync(connection, [erased, returned], Token);
        }

        await catalogue.RetractAsync($"{erased}");
        await catalogue.EmbedAsync((returned, embeddings[returned]));
        await catalogue.ShowAsync([returned]);
        await catalogue.RetractAsync($"{ids[7]}");
        await catalogue.SubmitAsync($"{ids[7]}", ids[7]);
        await catalogue.RetractAsync($"{ids[30]}");
        await catalogue.EmbedAsync(TestContents.Clustered(99, products: 1, each: 2, dimension: Dimension));
        await catalogue.JudgeAsync(ids[0], ids[1], false);
        await catalogue.JudgeAsync(ids[2], ids[40], true);

        using var next = new MatcherInstance(database.DataSource, Options);
        Assert.True(await next.Keeper.RunOnceAsync(Token));

        Assert.Equal(Tiles - 4, next.Tiles.Written);
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from cpf.join_tiles"));
        Assert.Equal(0L, await database.ScalarAsync<long>(
            $"select count(*) from cpf.group_members where {erased} in (content_id, group_id, component_id)"));
        await ShadowSteps.CatchUpAsync(database, Options, Token);
        await catalogue.AssertGroupsAsync(shadow);
    }

    [Fact]
    public async Task Worker_JoinThatIsNotWantedAnyMore_LeavesTheTileAlone()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, _) = await CreateAsync(database);
        await catalogue.ShadowAsync(0.85, head: 2);
        await PlanAsync(database);
        var joinId = await database.ScalarAsync<long>("select join_id from cpf.joins");

        await database.ExecuteAsync("delete from cpf.model_preparations");

        using var bus = new TileBus(database.DataSource, Options);
        Assert.False(await bus.ComputeAsync(new JoinTile { JoinId = joinId, Tile = 0 }, Token));
        Assert.Equal(0L, await database.ScalarAsync<long>(
            "select (select count(*) from cpf.joins) + (select count(*) from cpf.join_blocks) + (select count(*) from cpf.join_tiles)"));
    }

    [Fact]
    public async Task Keeper_TilesAreComputed_TellsHowManyAndHowLong()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, _) = await CreateAsync(database);
        await catalogue.ShadowAsync(0.85, head: 2);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var matcher = new MatcherInstance(database.DataSource, Options);
        matcher.Tiles.IsCut = true;
        var grouping = matcher.Keeper.RunOnceAsync(stop.Token);
        await ShadowSteps.AwaitAsync(database, "select exists (select from cpf.joins)", Token);

        await ComputeAsync(database, [0, 1, 2, 3, 4]);

        await ShadowSteps.AwaitAsync(
            database,
            $"""
            select exists (
                select from cpf.model_preparations where message like 'compares contents: 5 of {Tiles} tiles by 1 process%')
            """, Token);
        Assert.InRange(await database.ScalarAsync<float>("select progress from cpf.model_preparations"), 0.2f, 0.25f);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => grouping);
    }

    [Fact]
    public async Task Keeper_TileThatFailsEveryTime_EndsWithAMessageAndPlansAnewLater()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, _) = await CreateAsync(database);
        await catalogue.ShadowAsync(0.85, head: 2);
        using var poisoned = new TileBus(database.DataSource, Options, newPrefilter: (left, maxThreads) => left.ContentIds.Contains(12)
            ? throw new NotSupportedException("a tile that fails")
            : BlockJoin.NewPrefilter(left, maxThreads, PairKernel.Fastest));
        using var matcher = new MatcherInstance(database.DataSource, Options, tiles: poisoned, maxTileSends: 3);

        Assert.True(await matcher.Keeper.RunOnceAsync(Token));

        // Block 2 has two tiles.
        Assert.Equal((Tiles - 2, 2 * 3), (poisoned.Written, poisoned.Failed));
        Assert.Equal(
            "cannot be grouped: tile 2 was sent 3 times and never written: see cpf.join-tile_error and cpf.dead-letter",
            await database.ScalarAsync<string>("select message from cpf.model_preparations"));
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from cpf.joins"));
    }

    [Fact]
    public async Task Worker_JoinThatIsTakenBackWhileItsTileIsComputed_Stops()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, _) = await CreateAsync(database);
        await catalogue.ShadowAsync(0.85, head: 2);
        await PlanAsync(database);
        var joinId = await database.ScalarAsync<long>("select join_id from cpf.joins");
        var begun = new TaskCompletionSource();
        using var bus = new TileBus(database.DataSource, Options, newPrefilter: (_, _) => new EndlessPrefilter(begun));
        var computing = bus.ComputeAsync(new JoinTile { JoinId = joinId, Tile = 0 }, Token);
        await begun.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);

        await database.ExecuteAsync("delete from cpf.model_preparations");

        Assert.False(await computing.WaitAsync(TimeSpan.FromMinutes(1), Token));
    }

    [Fact]
    public async Task Service_ThatOnlyJoins_ComputesAllTilesOverTheBroker()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, _) = await CreateAsync(database);
        await using var joiner = MatcherService.Build(
        [
            "--ConnectionStrings:Postgres",
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { Options = "-c role=cpf_service" }.ConnectionString,
            "--ConnectionStrings:RabbitMq", (await broker.CreateHostAsync(Token)).ToString(), "--Blobs:Folder", Path.GetTempPath(),
            "--Matcher:JoinsOnly", "true",
        ]);
        await joiner.StartAsync(Token);
        using var client = TestKey.Client(new Uri(joiner.Urls.First()));
        Assert.True((await client.GetAsync("/health", Token)).IsSuccessStatusCode);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await client.GetAsync("/status", Token)).StatusCode);
        var shadow = await catalogue.ShadowAsync(0.85, head: 2);
        using var matcher = new MatcherInstance(database.DataSource, Options);
        matcher.Tiles.Broker = joiner.Services.GetRequiredService<DispatchOutbox>();

        Assert.True(await matcher.Keeper.RunOnceAsync(Token));

        Assert.Equal(0, matcher.Tiles.Written);
        await catalogue.AssertGroupsAsync(shadow);
        await joiner.StopAsync(Token);
    }

    private static (long ContentId, Half[] Embedding)[] Pictures() =>
        TestContents.Clustered(4, products: 10, each: 5, dimension: Dimension, noise: 0.2);

    private static async Task<(Catalogue Catalogue, long[] Ids)> CreateAsync(TestDatabase database)
    {
        var catalogue = await Catalogue.CreateAsync(database, Dimension, 0.9);
        var pictures = Pictures();
        await catalogue.EmbedAsync(pictures);
        long[] ids = [.. pictures.Select(p => p.ContentId)];
        await catalogue.ShowAsync(ids);
        return (catalogue, ids);
    }

    /// <summary>A Matcher plans the join, and dies before a message of it arrives.</summary>
    private static async Task PlanAsync(TestDatabase database)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var matcher = new MatcherInstance(database.DataSource, Options);
        matcher.Tiles.IsCut = true;
        var grouping = matcher.Keeper.RunOnceAsync(stop.Token);
        await ShadowSteps.AwaitAsync(database, "select exists (select from cpf.joins)", Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => grouping);
    }

    private static async Task ComputeAsync(TestDatabase database, int[] tiles)
    {
        var joinId = await database.ScalarAsync<long>("select join_id from cpf.joins");
        using var bus = new TileBus(database.DataSource, Options);
        foreach (var tile in tiles)
        {
            Assert.True(await bus.ComputeAsync(new JoinTile { JoinId = joinId, Tile = tile }, Token));
            Assert.False(await bus.ComputeAsync(new JoinTile { JoinId = joinId, Tile = tile }, Token));
        }
    }

    private sealed class EndlessPrefilter(TaskCompletionSource begun) : IPairPrefilter
    {
        public PairKernel Kernel => PairKernel.Float32;

        public int BlockRows => 1_000;

        public void Scan(
            EmbeddingMatrix block, int start, int count, bool triangle, RowThresholds thresholds, Func<ICandidateSink> newSink,
            CancellationToken cancellationToken)
        {
            begun.TrySetResult();
            cancellationToken.WaitHandle.WaitOne();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
