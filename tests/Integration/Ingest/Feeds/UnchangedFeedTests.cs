using System.Text;
using CpfPipeline.Ingest;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Feeds;

/// <summary>A feed that says nothing new costs nothing. Other changes since the last feed are put right.</summary>
public sealed class UnchangedFeedTests(TestDatabases databases) : IAsyncLifetime
{
    private FeedServer _server = null!;
    private IngestHarness _harness = null!;

    private string Url => $"{_server.Url}/feed.csv";

    public async ValueTask InitializeAsync()
    {
        _server = await FeedServer.StartAsync();
        _harness = new IngestHarness(
            await databases.CreateAsync(), new IngestOptions { AllowedPrivateHosts = ["127.0.0.1"], FeedBatchRows = 2 });
        _server.Feed = "external_id,uri,product_key\na,1.gif,k\nb,2.gif,\nc,3.gif,\n";
    }

    public async ValueTask DisposeAsync()
    {
        await _harness.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("\"1\"", "/feed.csv 304")]
    [InlineData(null, "/feed.csv 200")]
    public async Task RunAsync_SameContent_IsNotReadAgain(string? tag, string asked)
    {
        _server.Tag = tag;
        var first = await _harness.RunUrlAsync(Url, snapshot: true);
        _server.Asked.Clear();
        _harness.Published.Clear();
        var second = await _harness.RunUrlAsync(Url, snapshot: true);
        var third = await _harness.RunUrlAsync(Url);
        Assert.Equal([asked, asked], _server.Asked);
        Assert.Equal((FeedState.Finished, first.FeedId, 3L, 0L), (second.State, second.UnchangedSince, second.Unchanged, second.Stored));
        Assert.Contains($"Unchanged since feed {first.FeedId}", second.Message, StringComparison.Ordinal);
        Assert.Equal(first.FeedId, third.UnchangedSince);
        Assert.Empty(_harness.Published);
        Assert.Equal(first.Revision, await _harness.Database.ScalarAsync<long>("select max(revision) from cpf.images"));
    }

    [Theory]
    [InlineData(
        """
        insert into cpf.images (image_id, source, external_id, uri, state, revision)
        values (gen_random_uuid(), 's', 'x', 'u', 'retracted', 1)
        """)]
    [InlineData("update cpf.images set product_key = 'other', feed_id = null, updated_at = now() where external_id = 'a'")]
    [InlineData("update cpf.images set state = 'retracted', feed_id = null, updated_at = now() where external_id = 'a'")]
    [InlineData("update cpf.images set failed_reason = 'fetch_failed', failed_at = now() where external_id = 'a'")]
    [InlineData("delete from cpf.images where external_id = 'a'")]
    [InlineData("update cpf.images set fetched_at = now() - interval '8 days' where external_id = 'a'")]
    [InlineData("update cpf.images set fetched_at = null where external_id = 'a'")]
    public async Task RunAsync_SomethingElseHappened_IsReadAgainAndPutRight(string change)
    {
        var first = await _harness.RunUrlAsync(Url);
        await _harness.Database.ExecuteAsync(change);
        var second = await _harness.RunUrlAsync(Url);
        Assert.Equal((FeedState.Finished, (long?)null), (second.State, second.UnchangedSince));
        Assert.Equal(
            ["a k stored", "b  stored", "c  stored"],
            (await _harness.Database.QueryAsync(
                "select concat_ws(' ', external_id, coalesce(product_key, ''), state) from cpf.images where external_id <> 'x' order by 1"))
                .Select(r => r[0]));
        Assert.True(await _harness.Database.ScalarAsync<bool>(
            "select bool_and(revision > $1 or external_id = 'x') from cpf.images", first.Revision));
    }

    [Fact]
    public async Task RunAsync_ImageWrittenBeforeTheFormerFeedStarted_IsReadAgain()
    {
        await _harness.RunUrlAsync(Url);
        var feedId = await _harness.Feeds.AddAsync(
            new("s", null, "csv", null, false, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()) { Url = Url, Refetch = true },
            default);
        await _harness.Database.ExecuteAsync(
            """
            update cpf.images set product_key = 'other', feed_id = null, updated_at = now(), revision = revision + 1000000,
                applied_revision = revision + 1000000
            where external_id = 'a'
            """);
        var former = await _harness.ContinueUrlAsync(feedId);
        Assert.Equal((FeedState.Finished, 3L), (former.State, former.RowsRead));
        Assert.Null((await _harness.RunUrlAsync(Url)).UnchangedSince);
    }

    [Fact]
    public async Task RunAsync_RefusedRowBefore_IsReadAgain()
    {
        _server.Feed += "d,4.jpg,\n";
        var first = await _harness.RunUrlAsync(Url);
        Assert.Equal(1L, first.Rejected);
        Assert.Equal((null, 1L), await _harness.RunUrlAsync(Url) is var second ? (second.UnchangedSince, second.Rejected) : default);
    }

    [Fact]
    public async Task RunAsync_OneRowChanged_FetchesThatAlone()
    {
        await _harness.RunUrlAsync(Url);
        _server.Feed = _server.Feed.Replace("b,2.gif", "b,4.gif", StringComparison.Ordinal) + "d,3.gif,\n";
        _server.Tag = "\"2\"";
        _server.Asked.Clear();
        var second = await _harness.RunUrlAsync(Url);
        Assert.Equal((4L, 2L, 2L), (second.RowsRead, second.Stored, second.Unchanged));
        Assert.Equal(["/3.gif 200", "/4.gif 200", "/feed.csv 200"], _server.Asked.Order());

        // As if every row had been applied: what arrives late does not undo the feed.
        var revisions = await _harness.Database.QueryAsync("select distinct revision from cpf.images");
        Assert.Equal([second.Revision], revisions.Select(r => (long)r[0]!));
    }

    [Fact]
    public async Task RunAsync_DeadlockOnKnownRows_IsTriedAgain()
    {
        await _harness.RunUrlAsync(Url);
        await _harness.Database.ExecuteAsync(
            """
            create sequence cpf.attempts;
            create function cpf.fail_once() returns trigger language plpgsql as $$
            begin
                if nextval('cpf.attempts') = 1 then
                    raise exception 'deadlock' using errcode = '40P01';
                end if;
                return new;
            end $$;
            create trigger fail_once before update on cpf.images for each row execute function cpf.fail_once();
            """);
        _server.Feed += "d,4.gif,\n";
        _server.Tag = "\"2\"";
        var second = await _harness.RunUrlAsync(Url);
        Assert.Equal((FeedState.Finished, 1L, 3L), (second.State, second.Stored, second.Unchanged));
        Assert.True(await _harness.Database.ScalarAsync<long>("select last_value from cpf.attempts") > 1);
    }

    [Fact]
    public async Task RunAsync_Refetch_FetchesEverything()
    {
        await _harness.RunUrlAsync(Url);
        _server.Asked.Clear();
        var second = await _harness.RunUrlAsync(Url, refetch: true);
        Assert.Equal((null, 3L), (second.UnchangedSince, second.Unchanged));
        Assert.Equal(["/1.gif 200", "/2.gif 200", "/3.gif 200", "/feed.csv 200"], _server.Asked.Order());
    }

    [Fact]
    public async Task RunAsync_SnapshotOfKnownRows_RetractsTheOthers()
    {
        _server.Feed = "external_id,uri\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"{i},{i}.gif\n"));
        await _harness.RunUrlAsync(Url);
        _server.Feed = _server.Feed.Replace("5,5.gif\n", "", StringComparison.Ordinal);
        _server.Tag = "\"2\"";
        var second = await _harness.RunUrlAsync(Url, snapshot: true);
        Assert.Equal((8L, 8L, 1L), (second.RowsRead, second.Unchanged, second.Retracted));
    }

    [Fact]
    public async Task RunAsync_OneImageTwiceInAFeed_EndsTheSameEveryTime()
    {
        _server.Feed = "external_id,uri\na,1.gif\na,2.gif\n";
        await _harness.RunUrlAsync(Url);
        var first = await _harness.Database.ScalarAsync<long>("select content_id from cpf.images");
        for (var i = 0; i < 2; i++)
        {
            var again = await _harness.RunUrlAsync(Url);
            Assert.Equal((null, 2L), (again.UnchangedSince, again.Unchanged));
            Assert.True(again.Duplicates > 0);
            Assert.Equal(first, await _harness.Database.ScalarAsync<long>("select content_id from cpf.images"));
        }
    }

    [Fact]
    public async Task RunAsync_LocalFileOfTheSameBytes_IsNotReadAgain()
    {
        var path = _harness.Write("feed.csv", Encoding.UTF8.GetBytes($"external_id,uri\na,{_server.Url}/1.gif\n"));
        var first = await _harness.RunFeedAsync(path, "csv");
        Assert.Equal(first.FeedId, (await _harness.RunFeedAsync(path, "csv")).UnchangedSince);
        _harness.Write("feed.csv", Encoding.UTF8.GetBytes($"external_id,uri\na,{_server.Url}/2.gif\n"));
        Assert.Equal((null, 1L), await _harness.RunFeedAsync(path, "csv") is var third ? (third.UnchangedSince, third.Stored) : default);
    }

    [Fact]
    public async Task RunAsync_SameFileAndPicturesInFiles_IsNotReadAgainUntilOneWasWritten()
    {
        var pictures = Enumerable.Range(1, 3).Select(n => _harness.Write($"{n}.gif", TestPictures.Gif(n))).ToArray();
        var path = _harness.Write("feed.csv", "external_id,uri\na,1.gif\nb,2.gif\nc,3.gif\nd,3.gif\n"u8.ToArray());
        var first = await _harness.RunFeedAsync(path, "csv");
        await LetFilesAgeAsync();
        Assert.Equal((first.FeedId, 4L), await _harness.RunFeedAsync(path, "csv") is var second
            ? (second.UnchangedSince, second.Unchanged) : default);
        File.Delete(pictures[1]);
        File.WriteAllBytes(pictures[1], TestPictures.Gif(4));
        File.SetLastWriteTimeUtc(pictures[1], TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(2));
        Assert.Equal((null, 1L, 3L), await _harness.RunFeedAsync(path, "csv") is var third
            ? (third.UnchangedSince, third.Stored, third.Unchanged) : default);
        File.Delete(pictures[2]);
        Assert.Equal((null, 2L), await _harness.RunFeedAsync(path, "csv") is var fourth
            ? (fourth.UnchangedSince, fourth.Rejected) : default);
        Assert.Equal(4L, await _harness.Database.ScalarAsync<long>("select count(*) from cpf.images where state = 'stored'"));
    }

    [Fact]
    public async Task RunAsync_SameFolder_IsNotReadAgainUntilSomethingInItIsAnother()
    {
        var folder = Path.GetDirectoryName(_harness.Write("1.gif", TestPictures.Gif(1)))!;
        _harness.Write("2.gif", TestPictures.Gif(2));
        var labels = _harness.Write("labels.csv", "path,label\n1.gif,k\n"u8.ToArray());
        var first = await RunAsync();
        await LetFilesAgeAsync();
        _harness.Write("notes.txt", "x"u8.ToArray());
        var second = await RunAsync(snapshot: true);
        Assert.Equal((null, 2L), (second.UnchangedSince, second.Unchanged)); // The first was no snapshot.
        var third = await RunAsync(snapshot: true);
        Assert.Equal((second.FeedId, FeedState.Finished), (third.UnchangedSince, third.State));
        Assert.Contains("notes.txt", third.Findings.Single(), StringComparison.Ordinal);
        Assert.Equal(2L, await _harness.Database.ScalarAsync<long>("select count(*) from cpf.images where state = 'stored'"));

        File.WriteAllText(labels, "path,label\n1.gif,other\n");
        Assert.Equal((null, 1L), await RunAsync() is var fourth ? (fourth.UnchangedSince, fourth.Stored) : default);
        Assert.Equal(
            "other", await _harness.Database.ScalarAsync<string>("select product_key from cpf.images where external_id = '1.gif'"));
        _harness.Write("3.gif", TestPictures.Gif(3));
        Assert.Equal((null, 1L), await RunAsync() is var fifth ? (fifth.UnchangedSince, fifth.Stored) : default);

        async Task<CpfPipeline.Data.Feeds.Feed> RunAsync(bool snapshot = false)
        {
            var feedId = await _harness.Feeds.AddAsync(
                new("s", folder, "folder", labels, snapshot, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()), default);
            await _harness.Feeds.StartAsync(feedId, default);
            await _harness.NewFeedRun().RunAsync((await _harness.Feeds.FindAsync(feedId, default))!, default);
            return (await _harness.Feeds.FindAsync(feedId, default))!;
        }
    }

    [Fact]
    public async Task RunAsync_ExplicitRevisionFetchedAgain_IsNotDueAtOnce()
    {
        _server.Feed = "external_id,uri,revision\na,1.gif,5\n";
        await _harness.RunUrlAsync(Url);
        await _harness.Database.ExecuteAsync("update cpf.images set fetched_at = now() - interval '8 days'");
        await _harness.RunUrlAsync(Url);
        Assert.Equal(2, _server.Count("/1.gif"));
        await _harness.RunUrlAsync(Url, refetch: false);
        Assert.Equal(2, _server.Count("/1.gif"));
        Assert.True(await _harness.Database.ScalarAsync<bool>("select fetched_at > now() - interval '1 h' from cpf.images"));
    }

    // As if the files had lain there for long when they were fetched.
    private Task LetFilesAgeAsync() => _harness.Database.ExecuteAsync("update cpf.images set fetched_at = now() + interval '1 h'");

    [Fact]
    public async Task RunAsync_PictureInAFile_IsReadAgainOnceItWasWritten()
    {
        var picture = _harness.Write("1.gif", TestPictures.Gif(1));
        var path = _harness.Write("feed.csv", "external_id,uri\na,1.gif\n"u8.ToArray());
        await _harness.RunFeedAsync(path, "csv");
        await LetFilesAgeAsync();
        await _harness.RunFeedAsync(path, "csv");
        Assert.True(await FetchedAheadAsync());
        File.SetLastWriteTimeUtc(picture, DateTime.UnixEpoch.AddYears(200));
        await _harness.RunFeedAsync(path, "csv");
        Assert.False(await FetchedAheadAsync());

        Task<bool> FetchedAheadAsync() => _harness.Database.ScalarAsync<bool>("select fetched_at > now() from cpf.images");
    }
}
