using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CpfPipeline.Tests.Oracle;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Reconcile;

public sealed class ReconcilerTests(TestDatabases databases)
{
    // An exact search leaves nothing to reconcile; one by the index does.
    private const string SearchedByIndex = "update cpf.group_members set reconciled = false";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2_000)]
    [InlineData(2)]
    public async Task Run_SearchMissedEveryNeighbour_RepairsAndReportsRecall(int maxOnlineComponent)
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(1, products: 5, each: 4, dimension: 16);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        using var matcher = new MatcherInstance(
            database.DataSource, new MatcherOptions { MaxOnlineComponent = maxOnlineComponent, ChunkContents = 7 },
            inner => new InterposedSearch(inner, missesEverything: true));
        foreach (var picture in pictures)
        {
            await matcher.Updater.RefreshAsync([picture.ContentId], Token);
        }

        Assert.Equal(20L, await database.ScalarAsync<long>("select count(distinct group_id) from cpf.group_members"));
        var outcome = await matcher.SettleAsync(Token);

        Assert.Equal(20, outcome.Contents);
        Assert.True(outcome.MissedPairs > 0);
        Assert.True(outcome.Recall < 1);
        await catalogue.AssertExactAsync();
        Assert.Equal(5L, await database.ScalarAsync<long>("select count(distinct group_id) from cpf.group_members"));
        Assert.Equal(outcome.Recall, await database.ScalarAsync<double>("select recall from cpf.reconciles"));
        Assert.Equal(5L * 6, await database.ScalarAsync<long>("select count(*) from cpf.matches where similarity >= 0.9"));
    }

    [Fact]
    public async Task Run_EverythingWasJoinedOnArrival_FindsNothingAndTheNearestAreKept()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(3, products: 4, each: 3, dimension: 16);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        using var matcher = new MatcherInstance(
            database.DataSource, new MatcherOptions { NearestFloorBelowThreshold = 2, NearestKept = 5 });
        foreach (var chunk in pictures.Chunk(5))
        {
            await matcher.Updater.RefreshAsync([.. chunk.Select(p => p.ContentId)], Token);
        }

        var outcome = await matcher.Reconciler.RunAsync(Token);

        Assert.Equal(0, outcome!.Contents);
        await catalogue.AssertExactAsync();
        Assert.Equal(4L * 3, await database.ScalarAsync<long>("select count(*) from cpf.matches where similarity >= 0.9"));
        Assert.Equal(0L, await database.ScalarAsync<long>(
            """
            select count(*) from (select c.content_id, count(*) as kept
                                  from (select content_a as content_id from cpf.matches union all select content_b from cpf.matches) c
                                  group by 1 having count(*) < 2) few
            """));
    }

    [Theory]
    [InlineData(200, 2)]
    [InlineData(3, 2)]
    [InlineData(1, 7)]
    public async Task Run_SearchMissedEveryNeighbour_KeepsThePairsThatTheDefinitionNames(int pairsKept, int nearestKept)
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(9, products: 3, each: 6, dimension: 16);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        var options = new MatcherOptions { PairsKept = pairsKept, NearestKept = nearestKept, NearestFloorBelowThreshold = 0.7,
            ChunkContents = 5 };
        using var matcher = new MatcherInstance(database.DataSource, options, inner => new InterposedSearch(inner, missesEverything: true));
        await matcher.Updater.RefreshAsync([.. pictures.Select(p => p.ContentId)], Token);
        await database.ExecuteAsync("truncate cpf.matches");

        await matcher.Reconciler.RunAsync(Token);

        var expected = new SortedSet<(long, long)>();
        foreach (var (id, embedding) in pictures)
        {
            var others = pictures.Where(p => p.ContentId != id)
                .Select(p => (p.ContentId, Similarity: NaiveMatching.Quotient(NaiveMatching.Similarity(embedding, p.Embedding), 1)))
                .OrderByDescending(p => p.Similarity).ThenBy(p => p.ContentId).ToArray();
            var kept = others.Where(p => p.Similarity >= 0.9).Take(pairsKept)
                .Concat(others.Where(p => p.Similarity >= options.NearestFloor(0.9)).Take(nearestKept));
            expected.UnionWith(kept.Select(p => (Math.Min(id, p.ContentId), Math.Max(id, p.ContentId))));
        }

        Assert.Equal(
            expected,
            (await database.QueryAsync("select content_a, content_b from cpf.matches order by 1, 2"))
                .Select(r => ((long)r[0]!, (long)r[1]!)));
    }

    [Theory]
    [InlineData(5_000, 3, 30)] // More is missed than one join lists: the same contents are joined again and again.
    [InlineData(7, 200_000, null)] // Pairs lie between chunks.
    [InlineData(7, 3, null)]
    public async Task Run_ContentsAreJoinedMoreThanOnce_CountsEachPairOnce(int chunkContents, int maxMissedPairs, int? missed)
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(1, products: 5, each: 4, dimension: 16);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        using var matcher = new MatcherInstance(
            database.DataSource, new MatcherOptions { ChunkContents = chunkContents },
            inner => new InterposedSearch(inner, missesEverything: true),
            maxMissedPairs: maxMissedPairs);
        await matcher.Updater.RefreshAsync([.. pictures.Select(p => p.ContentId)], Token);

        var outcome = await matcher.SettleAsync(Token);

        Assert.Equal(20, outcome.Contents);
        Assert.Equal(30, outcome.Pairs);
        Assert.InRange(outcome.MissedPairs, 1, 30);
        Assert.Equal(missed ?? outcome.MissedPairs, outcome.MissedPairs);
        Assert.Equal(1 - (outcome.MissedPairs / 30.0), outcome.Recall);
        await catalogue.AssertExactAsync();
    }

    [Fact]
    public async Task Run_TwoAtOnce_BothFinishAndTheSecondFindsNothing()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(2, products: 10, each: 5, dimension: 16);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        using var first = new MatcherInstance(database.DataSource, new MatcherOptions());
        using var second = new MatcherInstance(database.DataSource, new MatcherOptions());
        await first.Updater.RefreshAsync([.. pictures.Select(p => p.ContentId)], Token);
        await database.ExecuteAsync(SearchedByIndex);

        var outcomes = await Task.WhenAll(first.Reconciler.RunAsync(Token), second.Reconciler.RunAsync(Token));

        Assert.Equal(50, outcomes.Sum(o => o!.Contents));
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(*) from cpf.reconciles"));
        await catalogue.AssertExactAsync();
    }

    [Fact]
    public async Task MarkReconciled_ContentLeftAndCameBackSinceTheJoin_IsNotMarked()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        await catalogue.EmbedAsync((1, [(Half)1, (Half)0]), (2, [(Half)1, (Half)0]));
        await catalogue.ShowAsync([1, 2]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Updater.RefreshAsync([1, 2], Token);
        var asOf = await database.ScalarAsync<long>("select max(seq) from cpf.group_events");
        await catalogue.RetractAsync("1");
        await matcher.Updater.RefreshAsync([1], Token);
        await catalogue.SubmitAsync("1", 1);
        await matcher.Updater.RefreshAsync([1], Token);
        await database.ExecuteAsync(SearchedByIndex);

        await matcher.Updater.UniteAsync(catalogue.Model, [], [1, 2], asOf, Token);

        Assert.Equal(1L, await database.ScalarAsync<long>("select content_id from cpf.group_members where not reconciled"));
    }

    [Fact]
    public async Task Run_NoModel_IsNull()
    {
        await using var database = await databases.CreateAsync(Token);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());

        Assert.Null(await matcher.Reconciler.RunAsync(Token));
    }

    [Fact]
    public async Task Repair_MessagesLost_FindsArrivalsAndDepartures()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(3, products: 6, each: 5, dimension: 16);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Take(20).Select(p => p.ContentId)]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions { ChunkContents = 8 });
        await matcher.Repair.RunAsync(expected: false, Token);
        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();

        await catalogue.ShowAsync([.. pictures.Skip(20).Select(p => p.ContentId)]);
        foreach (var picture in pictures.Where((_, i) => i % 3 == 0))
        {
            await catalogue.RetractAsync($"{picture.ContentId}");
        }

        await matcher.Repair.RunAsync(expected: false, Token);
        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();
    }

    [Fact]
    public async Task Repair_AnotherModel_GroupsEverythingUnderIt()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(4, products: 6, each: 5, dimension: 16, noise: 0.2);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions { ChunkContents = 8 });
        foreach (var tau in new[] { 0.9, 0.5, 0.97 })
        {
            await catalogue.ActivateAsync(tau, head: 1);
            await matcher.Repair.RunAsync(expected: true, Token);
            await matcher.SettleAsync(Token);
            await catalogue.AssertExactAsync();
        }

        Assert.Equal(4L, await database.ScalarAsync<long>("select count(*) from cpf.models"));
        Assert.Equal(90L, await database.ScalarAsync<long>("select count(*) from cpf.group_members"));
    }
}
