using CpfPipeline.Contracts;
using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
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
        var shadow = await catalogue.ShadowAsync(0.85, head: 2);
        await PlanAsync(database);
        await ComputeAsync(database, [3, 8, 11, 12]);
        Assert.Equal(4L, await database.ScalarAsync<long>("select count(*) from cpf.join_tiles where done_at is not null"));

        // A content is erased, one is retracted and comes back, one is new, words are said.
        var erased = ids[20];
        await database.ExecuteAsync(
            $"""
            delete from cpf.images where content_id = {erased}; delete from cpf.embeddings where content_id = {erased};
            delete from cpf.matches where {erased} in (content_a, content_b); delete from cpf.contents where content_id = {erased};
            update cpf.join_blocks set content_ids = array_replace(content_ids, {erased}, -1)
            """);
        await catalogue.RetractAsync($"{erased}");
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
    public async Task Services_OneThatMatchesAndOneThatOnlyJoins_GroupAShadowTogether()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, _) = await CreateAsync(database);
        string[] settings =
        [
            "--ConnectionStrings:Postgres",
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { Options = "-c role=cpf_service" }.ConnectionString,
            "--ConnectionStrings:RabbitMq", (await broker.CreateHostAsync(Token)).ToString(), "--Blobs:Folder", Path.GetTempPath(),
            "--Matcher:TilesAtContents", "1", "--Matcher:TileBlockContents", "5", "--Matcher:TileRangeContents", "25",
        ];
        await using var matcher = MatcherService.Build(settings);
        await using var joiner = MatcherService.Build([.. settings, "--Matcher:JoinsOnly", "true"]);
        await Task.WhenAll(matcher.StartAsync(Token), joiner.StartAsync(Token));
        using var client = TestKey.Client(new Uri(joiner.Urls.First()));
        Assert.True((await client.GetAsync("/health", Token)).IsSuccessStatusCode);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await client.GetAsync("/status", Token)).StatusCode);

        var shadow = await catalogue.ShadowAsync(0.85, head: 2);

        await ShadowSteps.AwaitAsync(
            database, "select exists (select from cpf.model_preparations where grouped_at is not null)", Token);
        await catalogue.AssertGroupsAsync(shadow);
        await Task.WhenAll(matcher.StopAsync(Token), joiner.StopAsync(Token));
    }

    private static async Task<(Catalogue Catalogue, long[] Ids)> CreateAsync(TestDatabase database)
    {
        var catalogue = await Catalogue.CreateAsync(database, Dimension, 0.9);
        var pictures = TestContents.Clustered(4, products: 10, each: 5, dimension: Dimension, noise: 0.2);
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
}
