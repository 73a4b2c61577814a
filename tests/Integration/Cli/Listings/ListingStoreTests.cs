using CpfPipeline.Cli;
using CpfPipeline.Cli.Listings;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Sql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Cli.Listings;

public sealed class ListingStoreTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FindAsync_NameOrHash_FindsTheListing()
    {
        await using var database = await databases.CreateAsync(Token);
        await Market.SeedAsync(database, Token);
        await database.ExecuteAsync("update cpf.images set external_id = 'x/b-2' where external_id = 'b-2'");
        var store = new ListingStore(database.DataSource);
        var hash = await database.ScalarAsync<string>("select encode(sha256, 'hex') from cpf.contents where content_id = 1");

        Assert.Equal("shop-a/4711-front", (await store.FindAsync(new("shop-a/4711-front"), Token)).ToString());
        Assert.Equal("shop-b/x/b-2", (await store.FindAsync(new("shop-b/x/b-2"), Token)).ToString());
        Assert.Equal("shop-a/4711-front", (await store.FindAsync(new(hash), Token)).ToString());
        foreach (var (unknown, said) in new[] { ("shop-a/none", "there is no image"), (new string('0', 64), "no live image shows") })
        {
            var refused = await Assert.ThrowsAsync<CommandException>(() => store.FindAsync(new(unknown), Token));
            Assert.Equal(ExitCode.Usage, refused.ExitCode);
            Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task FindAsync_TwoReadings_AreBothNamed()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = new Catalogue(database);
        await catalogue.StoreAsync("a", "b/c", 1);
        await catalogue.StoreAsync("a/b", "c", 2);

        var store = new ListingStore(database.DataSource);
        var refused = await Assert.ThrowsAsync<CommandException>(() => store.FindAsync(new("a/b/c"), Token));

        Assert.Equal("a/b/c may be 'b/c' of source 'a' or 'c' of source 'a/b': name it by its SHA-256", refused.Message);
    }

    [Fact]
    public async Task ExplainAsync_ThreeViewsOfAProduct_SaysWhyWithNames()
    {
        await using var database = await databases.CreateAsync(Token);
        await Market.SeedAsync(database, Token);
        var store = new ListingStore(database.DataSource);

        var steps = await store.ExplainAsync(
            await store.FindAsync(new("shop-a/4711-front"), Token), await store.FindAsync(new("shop-c/c-9"), Token), Token);

        Assert.Equal(("shop-a/4711-front", "shop-c/c-9", true, 0.8), (steps[0].A, steps[0].B, steps[0].SameGroup, steps[0].Threshold));
        Assert.Equal((1L, 1L), (steps[0].GroupA, steps[0].GroupB));
        Assert.Equal(Math.Cos(0.6), steps[0].Similarity!.Value, 0.01);
        Assert.NotEmpty(steps[0].Explanation);
    }

    [Fact]
    public async Task FindSimilarAsync_AnImage_ListsTheNearestByName()
    {
        await using var database = await databases.CreateAsync(Token);
        await Market.SeedAsync(database, Token);
        var store = new ListingStore(database.DataSource);

        var similar = await store.FindSimilarAsync(await store.FindAsync(new("shop-a/4711-front"), Token), 3, Token);

        Assert.Equal(["shop-c/c-1", "shop-b/b-1", "shop-c/c-9"], similar.Select(s => $"{s.Source}/{s.ExternalId}"));
        Assert.Equal([1.0, 0.95, 0.82], similar.Select(s => Math.Floor(s.Similarity * 100) / 100));
        Assert.All(similar, s => Assert.True(s.Matches));
        Assert.Equal("https://shop-c/c-1", similar[0].Uri);
    }
}
