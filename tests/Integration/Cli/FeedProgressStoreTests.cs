using CpfPipeline.Cli.Feeds;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Cli;

public sealed class FeedProgressStoreTests(TestDatabases databases)
{
    [Fact]
    public async Task ReadAsync_ImagesInEveryState_CountsThoseThatWait()
    {
        await using var database = await databases.CreateAsync();
        var catalogue = new Catalogue(database);
        var store = new FeedProgressStore(database.DataSource);
        await catalogue.StoreAsync("shop", "a", 1);
        await catalogue.StoreAsync("shop", "b", 2);
        await catalogue.StoreAsync("shop", "b again", 2);
        await catalogue.StoreAsync("shop", "c", 3);
        await catalogue.ReceiveAsync("shop", "d");
        await catalogue.RejectAsync("shop", "e", "empty");
        await catalogue.StoreAsync("elsewhere", "f", 4);
        Assert.Equal(new SourceProgress(5, 5, 0, 0), await store.ReadAsync(["shop"], CancellationToken.None)); // no model yet

        await catalogue.ActivateModelAsync();
        await catalogue.GroupAsync(1, pending: false, reconciled: true, 1);
        await catalogue.GroupAsync(2, pending: true, reconciled: false, 2);

        Assert.Equal(new SourceProgress(5, 2, 2, 2), await store.ReadAsync(["shop"], CancellationToken.None));
        Assert.Equal(new SourceProgress(6, 3, 2, 2), await store.ReadAsync(["shop", "elsewhere"], CancellationToken.None));
    }

    [Fact]
    public async Task ReadAsync_Placeholder_IsNotWaitedFor()
    {
        await using var database = await databases.CreateAsync();
        var catalogue = new Catalogue(database);
        await catalogue.ActivateModelAsync();
        await catalogue.StoreAsync("shop", "a", 1);
        await catalogue.StoreAsync("shop", "b", 1);
        await catalogue.StoreAsync("shop", "c", 2);
        await database.ExecuteAsync("insert into cpf.placeholder_overrides (content_id, is_placeholder) values (1, true)");

        Assert.Equal(new SourceProgress(3, 1, 0, 0), await new FeedProgressStore(database.DataSource).ReadAsync(["shop"], CancellationToken.None));
    }

    [Fact]
    public async Task ReadRejectionsAsync_ByIngestAndEmbedder_CountsEachInputOnce()
    {
        await using var database = await databases.CreateAsync();
        var catalogue = new Catalogue(database);
        await catalogue.RejectAsync("shop", "old", "empty");
        await database.ExecuteAsync("update cpf.images set updated_at = now() - interval '1 hour'");
        var feed = await catalogue.FeedAsync("shop");
        await database.ExecuteAsync(
            "insert into cpf.feed_rejections (feed_id, row_number, external_id, reason) values ($1, 1, '', 'invalid_submission'), ($1, 2, 'b', 'empty')", feed);
        await catalogue.RejectAsync("shop", "b", "empty");
        await catalogue.RejectAsync("shop", "c", "undecodable");
        await catalogue.RejectAsync("shop", "a", "undecodable");
        await catalogue.RejectAsync("shop", "d", "undecodable");
        await catalogue.RejectAsync("elsewhere", "x", "undecodable");

        var rejected = await new FeedProgressStore(database.DataSource).ReadRejectionsAsync(feed, 2, CancellationToken.None);

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

        Assert.Equal((3, 2, 3), await new FeedProgressStore(database.DataSource).ReadMatchedAsync(feed, CancellationToken.None));
    }
}
