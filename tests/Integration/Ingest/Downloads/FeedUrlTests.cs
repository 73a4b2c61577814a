using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Downloads;

public sealed class FeedUrlTests(TestDatabases databases) : IAsyncLifetime
{
    private FeedServer _server = null!;
    private IngestHarness _harness = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await FeedServer.StartAsync();
        _harness = new IngestHarness(
            await databases.CreateAsync(),
            new IngestOptions
            {
                AllowedPrivateHosts = ["127.0.0.1"], FetchTimeout = TimeSpan.FromSeconds(2), MaxFeedBytes = 100_000, MaxRequestsPerHost = 4,
            });
    }

    public async ValueTask DisposeAsync()
    {
        await _harness.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("/feed.csv", "csv")]
    [InlineData("/feed", "auto")]
    [InlineData("/moved", "auto")]
    [InlineData("/gzip.csv", "csv")]
    [InlineData("/br.csv", "csv")]
    [InlineData("/feed.csv.gz", "csv")]
    [InlineData("/lies.csv", "csv")]
    public async Task RunAsync_Url_IsReadWhateverItsCoding(string path, string format)
    {
        var feed = await _harness.RunUrlAsync(_server.Url + path, format);
        Assert.Equal((FeedState.Finished, null, 2L, 2L, "csv"), (feed.State, feed.Message, feed.RowsRead, feed.Stored, feed.Format));
        Assert.True(feed.BytesTotal > 0);
        Assert.Equal((feed.BytesTotal!.Value, feed.BytesTotal), (feed.BytesRead, feed.BytesDownloaded));
        Assert.Equal(
            [$"{_server.Url}/1.gif", $"{_server.Url}/2.gif"],
            (await _harness.Database.QueryAsync("select uri from cpf.images order by uri")).Select(r => r[0]));
        Assert.Empty(Directory.GetFiles(Path.Combine(_harness.Folder, "feeds")));
    }

    [Theory]
    [InlineData("external_id\turi\na\t1.gif\n", "csv", FeedState.Finished)]
    [InlineData("id\timage_link\texternal_id\na\t1.gif\tx\n", "merchant_tsv", FeedState.Finished)]
    [InlineData("name\tprice\na\t1\n", "merchant_tsv", FeedState.Failed)]
    public async Task RunAsync_TabSeparatedUrl_IsToldByItsHeader(string text, string format, string state)
    {
        _server.Feed = text;
        var feed = await _harness.RunUrlAsync($"{_server.Url}/feed.tsv", "auto");
        Assert.Equal((state, format), (feed.State, feed.Format));
    }

    [Fact]
    public async Task FetchAsync_CancelledDuringItsDownload_LeavesNoFile()
    {
        var feedId = await AddAsync(snapshot: false, "/endless.csv");
        await _harness.Feeds.StartAsync(feedId, default);
        var feed = (await _harness.Feeds.FindAsync(feedId, default))!;
        await _harness.Feeds.EndAsync(feedId, FeedState.Cancelled, null, default);
        _harness.Options.MaxFeedBytes = long.MaxValue;
        await Assert.ThrowsAsync<FeedTakenException>(() => _harness.NewFeedArrival().FetchAsync(feed, default));
        Assert.Empty(Directory.GetFiles(Path.Combine(_harness.Folder, "feeds")));
    }

    [Theory]
    [InlineData("/none.csv", "answered 404")]
    [InlineData("/to-metadata", "no public address")]
    [InlineData("/endless.csv", "the limit is 100000")]
    [InlineData("/page", "<html>")]
    public async Task RunAsync_UrlThatFails_FailsWithItsReasonAndRetractsNothing(string path, string reason)
    {
        await _harness.RunUrlAsync($"{_server.Url}/feed.csv");
        var feed = await _harness.RunUrlAsync(_server.Url + path, path == "/page" ? "auto" : "csv", snapshot: true);
        Assert.Equal((FeedState.Failed, 0L), (feed.State, feed.Retracted));
        Assert.Contains(reason, feed.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(_harness.Folder, "feeds")));
        Assert.All(await _harness.StatesAsync(), i => Assert.Equal("stored", i.State));
    }

    [Theory]
    [InlineData("/silent.csv")]
    [InlineData("/cut.csv")]
    [InlineData("/feed.csv")]
    public async Task FetchAsync_HostInTrouble_PutsTheFeedOffAndThenGivesUp(string path)
    {
        _server.Status = 503;
        var feed = await _harness.RunUrlAsync(_server.Url + path);
        Assert.Equal((FeedState.Running, 1), (feed.State, feed.Attempts));
        Assert.True(feed.NextAttemptAt > feed.StartedAt);
        Assert.Empty(await _harness.Due.ListAsync(default));
        await _harness.Database.ExecuteAsync("update cpf.feeds set attempts = 4, started_at = now() - interval '9 s'");
        feed = await _harness.ContinueUrlAsync(feed.FeedId);
        Assert.Equal((FeedState.Failed, (DateTimeOffset?)null), (feed.State, feed.NextAttemptAt));
        Assert.Contains("Tried 5 times", feed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchAsync_DownloadThatBreaksAfterLong_IsTriedAgain()
    {
        var feedId = await AddAsync(snapshot: false, "/cut.csv");
        await _harness.Feeds.StartAsync(feedId, default);
        await _harness.Database.ExecuteAsync("update cpf.feeds set started_at = now() - interval '1 h'");
        var feed = await _harness.ContinueUrlAsync(feedId);
        Assert.Equal((FeedState.Running, 1), (feed.State, feed.Attempts));
        Assert.True(feed.Waited > TimeSpan.Zero);
    }

    [Fact]
    public async Task FetchAsync_FolderThatCannotBeWritten_PutsTheFeedOffAndThenFails()
    {
        await File.WriteAllTextAsync(Path.Combine(_harness.Folder, "feeds"), "a file in the place of the folder");
        var feed = await _harness.RunUrlAsync($"{_server.Url}/feed.csv");
        Assert.Equal((FeedState.Running, 1), (feed.State, feed.Attempts));
        await _harness.Database.ExecuteAsync("update cpf.feeds set attempts = 4");
        feed = await _harness.ContinueUrlAsync(feed.FeedId);
        Assert.Equal(FeedState.Failed, feed.State);
        Assert.Contains("cannot be written", feed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("gzip")]
    public async Task RunAsync_CompressedSnapshotCutByItsServer_RetractsNothing(string coding)
    {
        _server.Feed = "external_id,uri\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"{i},{i}.gif\n"));
        await _harness.RunUrlAsync($"{_server.Url}/feed.csv", snapshot: true);
        var feed = await _harness.RunUrlAsync($"{_server.Url}/cut/{coding}.csv", snapshot: true);
        Assert.Equal((FeedState.Running, 1, 0L), (feed.State, feed.Attempts, feed.RowsRead));
        Assert.Equal(9L, await _harness.Database.ScalarAsync<long>("select count(*) from cpf.images where state = 'stored'"));
    }

    [Fact]
    public async Task FetchAsync_HostThatRecovers_IsReadInTheEnd()
    {
        _server.Status = 503;
        var feed = await _harness.RunUrlAsync($"{_server.Url}/feed.csv");
        _server.Status = 200;
        var ended = await _harness.ContinueUrlAsync(feed.FeedId);
        Assert.Equal((FeedState.Finished, 2L), (ended.State, ended.Stored));
    }

    [Fact]
    public async Task FetchAsync_PrivateAddress_IsRefused()
    {
        await using var harness = new IngestHarness(await databases.CreateAsync());
        var feed = await harness.RunUrlAsync($"{_server.Url}/feed.csv");
        Assert.Equal(FeedState.Failed, feed.State);
        Assert.Contains("no public address", feed.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Asked);
    }

    [Fact]
    public async Task FetchAsync_AnnouncedCharset_IsUsed()
    {
        await _harness.RunUrlAsync($"{_server.Url}/latin.csv");
        Assert.Equal([("gr\u00f6\u00dfe", "stored")], await _harness.StatesAsync());
    }

    [Fact]
    public async Task FetchAsync_FileUri_IsNotReadForAFeedFromElsewhere()
    {
        var path = _harness.Write("secret.gif", TestPictures.Gif(7));
        _server.Feed = $"external_id,uri\na,file://{path}\n";
        await _harness.RunUrlAsync($"{_server.Url}/feed.csv");
        Assert.Equal(
            "outside_roots", await _harness.Database.ScalarAsync<string>("select reject_reason from cpf.images where external_id = 'a'"));
    }

    [Fact]
    public async Task FetchAsync_DownloadAfterACrash_IsUsedAgain()
    {
        var feedId = await AddAsync(snapshot: false);
        await _harness.Feeds.StartAsync(feedId, default);
        await _harness.NewFeedArrival().FetchAsync((await _harness.Feeds.FindAsync(feedId, default))!, default);
        Assert.Equal(2L, (await _harness.ContinueUrlAsync(feedId)).Stored);
        Assert.Equal(1, _server.Count("/feed.csv"));
    }

    [Fact]
    public async Task FetchAsync_OtherBytesAfterACrash_IsReadFromItsBeginning()
    {
        var feedId = await AddAsync(snapshot: true);
        await _harness.Database.ExecuteAsync(
            "update cpf.feeds set sha256 = $1, rows_total = 3, rows_read = 2, stored = 2, started_at = now()", new byte[32]);
        var feed = await _harness.ContinueUrlAsync(feedId);
        Assert.Equal((FeedState.Finished, 2L, 2L, 2L), (feed.State, feed.RowsTotal, feed.RowsRead, feed.Stored));
    }

    private Task<long> AddAsync(bool snapshot, string path = "/feed.csv") =>
        _harness.Feeds.AddAsync(new NewFeed("s", null, "csv", null, snapshot, 1) { Url = _server.Url + path }, default);
}
