using CpfPipeline.Data.Feeds;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Feeds;

/// <summary>Every rejected row of a source's newest feed can be had, page by page.</summary>
public sealed class FeedRejectionTests(TestDatabases databases)
{
    private const int Rows = 10_300;

    [Fact]
    public async Task ListRejectionsAsync_MoreThanAnyPage_GivesAllAndOfFormerFeedsTheFirst()
    {
        await using var database = await databases.CreateAsync();
        var feeds = new FeedStore(database.DataSource);
        var feedId = await StartAsync(feeds);
        var rejections = Enumerable.Range(1, Rows).Select(row => new FeedRejection(row, $"{row}", "not_found", null)).ToArray();
        await feeds.AdvanceAsync(new FeedProgress(feedId, 0, Rows, 0, 0, rejections, []), default);

        Assert.Equal(Enumerable.Range(1, Rows).Select(row => (long)row), await PagesAsync(feeds, feedId));

        await feeds.EndAsync(feedId, "finished", null, default);
        var next = await StartAsync(feeds);
        Assert.Equal(Rows, (await PagesAsync(feeds, feedId)).Count);
        await feeds.EndAsync(next, "finished", null, default);
        Assert.Equal(Rows, (await PagesAsync(feeds, feedId)).Count); // It ended just now, and may be listed still.
        await database.ExecuteAsync("update cpf.feeds set finished_at = now() - interval '2 h'");
        next = await StartAsync(feeds);
        await feeds.EndAsync(next, "finished", null, default);
        Assert.Equal(Enumerable.Range(1, 10_000).Select(row => (long)row), await PagesAsync(feeds, feedId));
    }

    private static async Task<long> StartAsync(FeedStore feeds)
    {
        var feedId = await feeds.AddAsync(new NewFeed("s", "/x", "csv", null, false, 1), default);
        Assert.True(await feeds.StartAsync(feedId, default));
        return feedId;
    }

    private static async Task<List<long>> PagesAsync(FeedStore feeds, long feedId)
    {
        var rows = new List<long>();
        while (await feeds.ListRejectionsAsync(feedId, 4000, default, rows.LastOrDefault()) is { Count: > 0 } page)
        {
            rows.AddRange(page.Select(r => r.RowNumber));
        }

        return rows;
    }
}
