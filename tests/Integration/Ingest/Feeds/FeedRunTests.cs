using System.Text;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Feeds;

public sealed class FeedRunTests(TestDatabases databases)
{
    [Fact]
    public async Task RunAsync_FolderTwice_SecondChangesNothing()
    {
        await using var harness = await NewAsync(23);
        harness.Write("bad.jpg", "text"u8.ToArray());
        var first = await harness.RunFeedAsync(In(harness), "folder");
        Assert.Equal((FeedState.Finished, 24L, 24L, 23L, 1L, 0L),
            (first.State, first.RowsTotal, first.RowsRead, first.Stored, first.Rejected, first.Unchanged));
        Assert.Equal(["bad.jpg"], (await harness.Feeds.ListRejectionsAsync(first.FeedId, 10, default)).Select(r => r.ExternalId));
        harness.Published.Clear();
        var second = await harness.RunFeedAsync(In(harness), "folder");
        Assert.Equal((FeedState.Finished, 0L, 1L, 23L), (second.State, second.Stored, second.Rejected, second.Unchanged));
        Assert.DoesNotContain(harness.Published, m => m.Type != "ImageRejected");
    }

    [Fact]
    public async Task RunAsync_StoppedMidway_ResumesWhereItStood()
    {
        await using var harness = await NewAsync(23);
        var feedId = await harness.Feeds.AddAsync(new NewFeed("s", In(harness), "folder", null, false, 1), default);
        await harness.Feeds.StartAsync(feedId, default);
        await harness.Database.ExecuteAsync("update cpf.feeds set rows_read = 10, rows_total = 23 where feed_id = $1", feedId);
        await harness.NewFeedRun().RunAsync((await harness.Feeds.FindAsync(feedId, default))!, default);
        var feed = (await harness.Feeds.FindAsync(feedId, default))!;
        Assert.Equal((FeedState.Finished, 23L, 13L), (feed.State, feed.RowsRead, feed.Stored));
        Assert.Equal("10.gif", (await harness.StatesAsync())[0].ExternalId);
    }

    [Fact]
    public async Task RunAsync_CarriedOnElsewhere_AppliesNothingTwice()
    {
        await using var harness = await NewAsync(3);
        var feedId = await harness.Feeds.AddAsync(new NewFeed("s", In(harness), "folder", null, false, 1), default);
        await harness.Feeds.StartAsync(feedId, default);
        var seen = (await harness.Feeds.FindAsync(feedId, default))!;
        await harness.Database.ExecuteAsync("update cpf.feeds set rows_read = 1 where feed_id = $1", feedId);
        await Assert.ThrowsAsync<FeedTakenException>(() => harness.NewFeedRun().RunAsync(seen, default));
        Assert.Empty(await harness.StatesAsync());
    }

    [Fact]
    public async Task RunAsync_FileThatAnotherProcessHolds_SaysSoWithoutAPath()
    {
        await using var harness = await NewAsync(0);
        var path = harness.Write("secret-place/feed.csv", "external_id,uri\na,a.gif\n"u8.ToArray());
        await using var held = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        var feed = await harness.RunFeedAsync(path, "csv");

        Assert.Equal((FeedState.Failed, "The feed cannot be read: another process holds it."), (feed.State, feed.Message));
    }

    [Fact]
    public async Task RunAsync_Cancelled_Stops()
    {
        await using var harness = await NewAsync(3);
        var feedId = await harness.Feeds.AddAsync(new NewFeed("s", In(harness), "folder", null, false, 1), default);
        await harness.Feeds.StartAsync(feedId, default);
        var seen = (await harness.Feeds.FindAsync(feedId, default))!;
        Assert.True(await harness.Feeds.EndAsync(feedId, FeedState.Cancelled, null, default));
        await Assert.ThrowsAsync<FeedTakenException>(() => harness.NewFeedRun().RunAsync(seen, default));
    }

    [Fact]
    public async Task RunAsync_Snapshot_RetractsWhatIsNotListed()
    {
        await using var harness = await NewAsync(23);
        await harness.RunFeedAsync(In(harness), "folder");
        File.Delete(Path.Combine(In(harness), "00.gif"));
        // Rejected, but listed: its older picture stays live.
        File.WriteAllText(Path.Combine(In(harness), "01.gif"), "no picture any more");
        var feed = await harness.RunFeedAsync(In(harness), "folder", snapshot: true);
        Assert.Equal((FeedState.Finished, 1L), (feed.State, feed.Retracted));
        Assert.Equal([("00.gif", "retracted"), ("01.gif", "stored"), ("02.gif", "stored")], (await harness.StatesAsync()).Take(3));
        Assert.Equal(0L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.feed_images"));
    }

    [Theory]
    [InlineData("csv", "external_id,uri", ",1.gif")]
    [InlineData("csv", "external_id,uri", "\uFFFD,1.gif")]
    [InlineData("ndjson", "{}", "17")]
    [InlineData("ndjson", "{}", "{\"external_id\": [1], \"uri\": \"1.gif\"}")]
    [InlineData("merchant_tsv", "id\timage_link\tadditional_image_link", "z")]
    [InlineData("merchant_tsv", "id\timage_link\tadditional_image_link", "z\t00.gif\t\uFFFD.gif")]
    public async Task RunAsync_SnapshotWithARowWhoseImagesAreUnknown_RetractsNothing(string format, string header, string row)
    {
        await using var harness = await NewAsync(2);
        await harness.RunFeedAsync(In(harness), "folder");
        var known = format == "ndjson" ? "{\"external_id\": \"00.gif\", \"uri\": \"00.gif\"}"
            : format == "csv" ? "00.gif,00.gif"
            : "00.gif\t00.gif\t";
        var lines = format == "ndjson" ? $"{known}\n{row}\n" : $"{header}\n{known}\n{row}\n";
        harness.Options.MaxSnapshotRejectedShare = 1;
        harness.Options.MaxSnapshotRetractShare = 1;
        var feed = await harness.RunFeedAsync(harness.Write("feed", Encoding.UTF8.GetBytes(lines)), format, snapshot: true);
        Assert.Equal((FeedState.Refused, 0L, 1L), (feed.State, feed.Retracted, feed.Unreadable));
        Assert.Contains("could not be read", feed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_FileChangedBetweenCrashAndResume_SaysSoAndKeepsNoHash()
    {
        await using var harness = await NewAsync(12);
        var path = harness.Write(
            "feed.csv", Encoding.UTF8.GetBytes(
                "external_id,uri\n" + string.Concat(Enumerable.Range(0, 12).Select(i => $"{i:00}.gif,{i:00}.gif\n"))));
        var feedId = await AddAsync(harness, path, "csv", rowsRead: 1, rowsTotal: 12);
        var feed = await ContinueAsync(harness, feedId);
        Assert.Equal((FeedState.Finished, null), (feed.State, feed.Sha256));
        Assert.Contains("changed while it was read", feed.Message, StringComparison.Ordinal);
        Assert.Null((await harness.RunFeedAsync(path, "csv")).UnchangedSince);
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("folder")]
    public async Task RunAsync_ChangedAndKilledOnceMore_HasNoHash(string format)
    {
        await using var harness = await NewAsync(12);
        var path = format == "folder" ? In(harness) : harness.Write(
            "feed.csv", Encoding.UTF8.GetBytes(
                "external_id,uri\n" + string.Concat(Enumerable.Range(0, 12).Select(i => $"{i:00}.gif,{i:00}.gif\n"))));
        var feedId = await AddAsync(harness, path, format, rowsRead: 1, rowsTotal: 12);
        var seen = (await harness.Feeds.FindAsync(feedId, default))!;
        await harness.Database.ExecuteAsync("update cpf.feeds set rows_read = 2 where feed_id = $1", feedId);
        await Assert.ThrowsAsync<FeedTakenException>(() => harness.NewFeedRun().RunAsync(seen, default)); // Nothing can be applied.
        Assert.Null((await harness.Feeds.FindAsync(feedId, default))!.Sha256);
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("folder")]
    public async Task RunAsync_ChangedBeforeItsFirstRow_IsCountedAgain(string format)
    {
        await using var harness = await NewAsync(3);
        var path = format == "folder" ? In(harness)
            : harness.Write("feed.csv", "external_id,uri\na,00.gif\nb,01.gif\nc,02.gif\n"u8.ToArray());
        var feedId = await AddAsync(harness, path, format, rowsRead: 0, rowsTotal: 12);
        var feed = await ContinueAsync(harness, feedId);
        Assert.Equal((FeedState.Finished, 3L, 3L, null), (feed.State, feed.RowsTotal, feed.RowsRead, feed.Message));
    }

    private static async Task<long> AddAsync(IngestHarness harness, string path, string format, long rowsRead, long rowsTotal)
    {
        var feedId = await harness.Feeds.AddAsync(new NewFeed("s", path, format, null, false, 1), default);
        await harness.Feeds.StartAsync(feedId, default);
        await harness.Database.ExecuteAsync(
            "update cpf.feeds set rows_read = $2, rows_total = $3, sha256 = sha256('another file') where feed_id = $1",
            feedId, rowsRead, rowsTotal);
        return feedId;
    }

    private static async Task<Feed> ContinueAsync(IngestHarness harness, long feedId)
    {
        await harness.NewFeedRun().RunAsync((await harness.Feeds.FindAsync(feedId, default))!, default);
        return (await harness.Feeds.FindAsync(feedId, default))!;
    }

    [Fact]
    public async Task RunAsync_SnapshotWithoutMuch_IsRefused()
    {
        await using var harness = await NewAsync(20);
        await harness.RunFeedAsync(In(harness), "folder");
        for (var i = 0; i < 5; i++)
        {
            File.Delete(Path.Combine(In(harness), $"{i:00}.gif"));
        }

        var feed = await harness.RunFeedAsync(In(harness), "folder", snapshot: true);
        Assert.Equal((FeedState.Refused, 0L), (feed.State, feed.Retracted));
        Assert.Contains("5 of the source's 20", feed.Message, StringComparison.Ordinal);
        Assert.All(await harness.StatesAsync(), i => Assert.Equal("stored", i.State));
    }

    [Fact]
    public async Task RunAsync_SnapshotInAnotherFileAfterACrash_IsRefused()
    {
        await using var harness = await NewAsync(23);
        await harness.RunFeedAsync(In(harness), "folder");
        var rows = string.Concat(Enumerable.Range(0, 23).Select(i => $"{i:00}.gif,{i:00}.gif\n"));
        var path = harness.Write("feed.csv", Encoding.UTF8.GetBytes("external_id,uri\n" + rows));
        var feedId = await harness.Feeds.AddAsync(new NewFeed("s", path, "csv", null, true, 1), default);
        await harness.Feeds.StartAsync(feedId, default);

        // The first row came from a file that is not this one: it may have listed something else.
        await harness.Database.ExecuteAsync(
            "update cpf.feeds set rows_read = 1, rows_total = 23, sha256 = sha256('another file') where feed_id = $1", feedId);
        await harness.NewFeedRun().RunAsync((await harness.Feeds.FindAsync(feedId, default))!, default);

        var feed = (await harness.Feeds.FindAsync(feedId, default))!;
        Assert.Equal((FeedState.Refused, 0L), (feed.State, feed.Retracted));
        Assert.All(await harness.StatesAsync(), i => Assert.Equal("stored", i.State));
    }

    [Fact]
    public async Task RunAsync_MalformedFeed_FailsAndRetractsNothing()
    {
        await using var harness = await NewAsync(2);
        await harness.RunFeedAsync(In(harness), "folder");
        var path = harness.Write("feed.xml", Encoding.UTF8.GetBytes("<rss><item><id>1</id><image_link>00.gif</image_link></item><oops>"));
        var feed = await harness.RunFeedAsync(path, "merchant_xml", snapshot: true);
        Assert.Equal(FeedState.Failed, feed.State);
        Assert.Contains("line 1", feed.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await harness.StatesAsync()).Count(i => i.State == "stored"));
    }

    [Fact]
    public async Task RunAsync_CsvWithBadRows_GoesOn()
    {
        await using var harness = await NewAsync(2);
        var path = harness.Write(
            "feed.csv", "external_id,uri,revision\na,00.gif,1\n,01.gif,1\nb,01.gif\nc,/etc/passwd,1\nd,01.gif,2\n"u8.ToArray());
        var feed = await harness.RunFeedAsync(path, "csv");
        Assert.Equal((FeedState.Finished, 5L, 3L, 2L), (feed.State, feed.RowsRead, feed.Stored, feed.Rejected));
        Assert.Equal(
            [(2L, "", "invalid_submission"), (4L, "c", "outside_roots")],
            (await harness.Feeds.ListRejectionsAsync(feed.FeedId, 10, default)).Select(r => (r.RowNumber, r.ExternalId, r.Reason)));
        Assert.Equal([("a", "stored"), ("b", "stored"), ("c", "rejected"), ("d", "stored")], await harness.StatesAsync());
    }

    private static string In(IngestHarness harness) => Path.Combine(harness.Folder, "in");

    private async Task<IngestHarness> NewAsync(int pictures)
    {
        var harness = new IngestHarness(await databases.CreateAsync(), new IngestOptions { FeedBatchRows = 5 });
        for (var i = 0; i < pictures; i++)
        {
            harness.Write($"{i:00}.gif", TestPictures.Gif(i));
        }

        return harness;
    }
}
