using CpfPipeline.Cli.Feeds;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Vocabulary;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Feeds;

public sealed class FeedCountsTests
{
    /// <summary>Whatever Ingest and the Embedder counted, and however many rejections were too many to be recorded.</summary>
    [Fact]
    public void Of_AnyFeed_CountsEveryRowOnce() =>
        Gen.Select(Gen.Long[0, 50], Gen.Long[0, 50], Gen.Long[0, 50], Gen.Long[0, 5], Gen.Long[0, 50], Gen.Long[0, 1]).Sample(
            (stored, unchanged, rejected, waiting, late, tooMany) =>
            {
                var recorded = rejected - Math.Min(rejected, tooMany * 7);
                var feed = Feed(stored + unchanged + rejected + waiting, stored, unchanged, rejected);
                late = Math.Min(late, stored + unchanged) + (rejected - recorded);

                var counts = FeedCounts.Of(feed, [new("truncated", recorded + late, [], late)]);

                Assert.Equal(feed.RowsRead, counts.Stored + counts.Unchanged + counts.Rejected + counts.Waiting);
                Assert.Equal(rejected + late - (rejected - recorded), counts.Rejected);
                Assert.Equal((waiting, rejected - recorded), (counts.Waiting, counts.Unlisted));
                Assert.All([counts.Stored, counts.Unchanged, counts.Rejected], count => Assert.InRange(count, 0, feed.RowsRead));
            });

    [Fact]
    public void Of_PictureThatCannotBeDecoded_IsRejectedAndNotStored()
    {
        var counts = FeedCounts.Of(Feed(10, 10, 0, 0), [new("truncated", 1, ["a.jpg"], Late: 1)]);

        Assert.Equal(new FeedCounts(10, 9, 0, 1, 0, 0), counts);
    }

    private static Feed Feed(long rows, long stored, long unchanged, long rejected) => new()
    {
        FeedId = 1, Source = "shop", Path = "/shop", Format = "folder", Snapshot = false, State = FeedState.Finished, Revision = 1,
        RowsRead = rows, Unchanged = unchanged, Stored = stored, Rejected = rejected, Retracted = 0, SubmittedAt = DateTimeOffset.UnixEpoch,
    };
}
