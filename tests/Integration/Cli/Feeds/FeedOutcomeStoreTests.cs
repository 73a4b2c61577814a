using CpfPipeline.Cli.Feeds;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Cli.Feeds;

public sealed class FeedOutcomeStoreTests(TestDatabases databases)
{
    [Fact]
    public async Task ReadRejectionsAsync_ByIngestAndEmbedder_CountsEachInputOnce()
    {
        await using var database = await databases.CreateAsync();
        var catalogue = new Catalogue(database);
        await catalogue.RejectAsync("shop", "old", "empty");
        await database.ExecuteAsync("update cpf.images set updated_at = now() - interval '1 hour'");
        var feed = await catalogue.FeedAsync("shop");
        await database.ExecuteAsync(
            """
            insert into cpf.feed_rejections (feed_id, row_number, external_id, reason)
                values ($1, 1, '', 'invalid_submission'), ($1, 2, 'b', 'empty')
            """, feed);
        await catalogue.RejectAsync("shop", "b", "empty");
        await catalogue.RejectAsync("shop", "c", "undecodable");
        await catalogue.RejectAsync("shop", "a", "undecodable");
        await catalogue.RejectAsync("shop", "d", "undecodable");
        await catalogue.RejectAsync("elsewhere", "x", "undecodable");

        var rejected = await new FeedOutcomeStore(database.DataSource).ReadRejectionsAsync(feed, 2, CancellationToken.None);

        Assert.Equal(["undecodable", "empty", "invalid_submission"], rejected.Select(r => r.Reason));
        Assert.Equal([3, 1, 1], rejected.Select(r => r.Count));
        Assert.Equal(["a", "c"], rejected[0].First);
    }

    [Fact]
    public async Task ReadMatchedAsync_GroupsWithOthers_CountsThoseOfTwoImagesOrMore()
    {
        await using var database = await databases.CreateAsync();
        var catalogue = new Catalogue(database);
        await catalogue.ActivateModelAsync();
        await catalogue.StoreAsync("elsewhere", "a", 1);
        var feed = await catalogue.FeedAsync("shop");
        await catalogue.StoreAsync("shop", "b", 2);
        await catalogue.StoreAsync("shop", "twice", 3);
        await catalogue.StoreAsync("shop", "twice again", 3);
        await catalogue.StoreAsync("shop", "alone", 4);
        await catalogue.GroupAsync(1, false, true, 1, 2);
        await catalogue.GroupAsync(3, false, true, 3);
        await catalogue.GroupAsync(4, false, true, 4);

        Assert.Equal((3, 2, 3), await new FeedOutcomeStore(database.DataSource).ReadMatchedAsync(feed, CancellationToken.None));
    }
}
