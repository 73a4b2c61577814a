using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Intake;

/// <summary>Hosts that do not answer, or not yet: what happens to their images, and to those of others.</summary>
public sealed class ParkedFetchTests(TestDatabases databases) : IAsyncLifetime
{
    private readonly CancellationTokenSource _stop = new();
    private WebApplication _server = null!;
    private int _requests;
    private Action? _beforeAnswer;
    private int _allowed = int.MaxValue;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.MapGet("/ok/{n:int}", (int n) => Results.Bytes(TestPictures.Gif(n)));
        _server.MapGet("/hang/{n:int}", async (HttpContext http) =>
        {
            using var both = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, http.RequestAborted);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, both.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        _server.MapGet("/limited/{n:int}", (int n, HttpResponse response) =>
        {
            if (Interlocked.Increment(ref _requests) % 3 != 0)
            {
                return Results.Bytes(TestPictures.Gif(n));
            }

            response.Headers.RetryAfter = "1";
            return Results.StatusCode(429);
        });
        _server.MapGet("/down/{n:int}", (int n) =>
        {
            _beforeAnswer?.Invoke();
            return Interlocked.Increment(ref _requests) > _allowed ? Results.Bytes(TestPictures.Gif(n)) : Results.StatusCode(503);
        });
        await _server.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _server.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task TakeAsync_HostThatNeverAnswers_DelaysNoOther()
    {
        await using var harness = await NewAsync();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        foreach (var batch in Enumerable.Range(0, 420).Chunk(100))
        {
            await harness.Intake.TakeAsync([.. batch.Select(n => Entry($"h{n}", $"{Base}/hang/{n}"))], default);
        }

        var good = await harness.Intake.TakeAsync(
            [Entry("good", $"{Base.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)}/ok/1")], default);
        Assert.Equal(ImageState.Stored, good[0].Change!.State);
        var other = await harness.Intake.TakeAsync([Entry("other", $"{Base}/ok/2") with { Source = "t" }], default);
        Assert.Equal(ImageState.Stored, other[0].Change!.State); // Another source, at the same host.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(15), $"took {clock.Elapsed}");
        Assert.Equal(420L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.fetches"));
        Assert.Equal(420L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.images where state = 'received'"));
    }

    [Fact]
    public async Task Loop_RateLimitedHost_GivesEverythingInTime()
    {
        await using var harness = await NewAsync();
        await harness.Intake.TakeAsync([.. Enumerable.Range(0, 20).Select(n => Entry($"r{n}", $"{Base}/limited/{n}"))], default);
        await RunLoopAsync(harness, async () => await CountAsync(harness, "stored") == 20);
        Assert.Equal(0L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.fetches"));
    }

    [Fact]
    public async Task Loop_HostThatIsBack_GivesItsImages()
    {
        await using var harness = await NewAsync();
        _allowed = 5;
        await harness.Intake.TakeAsync([Entry("a", $"{Base}/down/1")], default);
        await RunLoopAsync(harness, async () => await CountAsync(harness, "stored") == 1);
    }

    [Fact]
    public async Task Loop_HostThatStaysDown_IsGivenUpWithWhatWasTriedAndTheLiveImageStays()
    {
        await using var harness = await NewAsync(attempts: 2);
        await harness.Intake.TakeAsync([Entry("a", $"{Base}/ok/1") with { Revision = 1 }], default);
        await harness.Intake.TakeAsync([Entry("a", $"{Base}/down/1") with { Revision = 2 }, Entry("b", $"{Base}/down/2")], default);
        await RunLoopAsync(harness, async () => await harness.Database.ScalarAsync<long>("select count(*) from cpf.fetches") == 0);
        Assert.Equal([("a", "stored"), ("b", "rejected")], await harness.StatesAsync());
        Assert.Contains("Tried 2 times",
            await harness.Database.ScalarAsync<string>("select failed_detail from cpf.images where external_id = 'a'"),
            StringComparison.Ordinal);
        Assert.Equal("fetch_failed",
            await harness.Database.ScalarAsync<string>("select reject_reason from cpf.images where external_id = 'b'"));
    }

    [Fact]
    public async Task Feed_WithParkedRows_EndsOnceTheyAreSettled()
    {
        await using var harness = await NewAsync(attempts: 2);
        var lines = string.Concat(Enumerable.Range(0, 3).Select(n => $"g{n},{Base}/ok/{n}\nd{n},{Base}/down/{n}\n"));
        var path = harness.Write("feed.csv", System.Text.Encoding.UTF8.GetBytes("external_id,uri\n" + lines));
        var first = await harness.RunFeedAsync(path, "csv", snapshot: true);
        Assert.Equal((FeedState.Running, 6L, 3L), (first.State, first.RowsRead, first.Stored));
        Assert.Empty(await harness.Due.ListAsync(default)); // It takes the place of no other feed while it waits.
        await RunLoopAsync(harness, async () => await harness.Feeds.CountWaitingAsync(first.FeedId, default) == 0);
        Assert.Single(await harness.Due.ListAsync(default));
        await harness.NewFeedRun().RunAsync((await harness.Feeds.FindAsync(first.FeedId, default))!, default);
        var ended = (await harness.Feeds.FindAsync(first.FeedId, default))!;
        Assert.Equal((FeedState.Refused, 3L, 3L), (ended.State, ended.Stored, ended.Rejected));
        Assert.Equal([2L, 4L, 6L], (await harness.Feeds.ListRejectionsAsync(ended.FeedId, 10, default)).Select(r => r.RowNumber));
    }

    [Fact]
    public async Task Feed_TwoRowsOfOneImageAtASilentHost_AreCountedAndEnd()
    {
        await using var harness = await NewAsync(attempts: 2);
        var lines = $"a,{Base}/down/1\na,{Base}/down/1\nb,{Base}/down/2\nb,{Base}/down/3\n";
        var path = harness.Write("feed.csv", System.Text.Encoding.UTF8.GetBytes("external_id,uri\n" + lines));
        var first = await harness.RunFeedAsync(path, "csv");
        Assert.Equal((4L, 2L, 0L), (first.RowsRead, first.Unchanged, first.Stored + first.Rejected));
        Assert.Equal((1L, true), (first.Duplicates, first.Findings.Single().EndsWith(": b", StringComparison.Ordinal)));
        await RunLoopAsync(harness, async () => await harness.Feeds.CountWaitingAsync(first.FeedId, default) == 0);
        await harness.NewFeedRun().RunAsync((await harness.Feeds.FindAsync(first.FeedId, default))!, default);
        var ended = (await harness.Feeds.FindAsync(first.FeedId, default))!;
        Assert.Equal((FeedState.Finished, 2L, 2L), (ended.State, ended.Unchanged, ended.Rejected));
    }

    [Fact]
    public async Task Feed_TwoPicturesOfOneImageOfWhichOneWasParked_TellsThem()
    {
        await using var harness = await NewAsync();
        _allowed = 1;
        var path = harness.Write(
            "feed.csv", System.Text.Encoding.UTF8.GetBytes($"external_id,uri\na,{Base}/ok/1\na,{Base}/down/2\n"));
        var first = await harness.RunFeedAsync(path, "csv");
        Assert.Equal((FeedState.Running, 0L), (first.State, first.Duplicates));
        await RunLoopAsync(harness, async () => await harness.Feeds.CountWaitingAsync(first.FeedId, default) == 0);
        var settled = (await harness.Feeds.FindAsync(first.FeedId, default))!;
        Assert.Equal(1L, settled.Duplicates);
        Assert.EndsWith(": a", settled.Findings.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Feed_SnapshotThatChangedWhileItsRowsWait_RetractsNothing()
    {
        await using var harness = await NewAsync(attempts: 2);
        _allowed = 2;
        await harness.Intake.TakeAsync([.. Enumerable.Range(0, 9).Select(n => Entry($"old{n}", $"{Base}/ok/{n}"))], default);
        var lines = string.Concat(Enumerable.Range(0, 9).Select(n => $"old{n},{Base}/ok/{n}\n")) + $"d,{Base}/down/1\n";
        var path = harness.Write("feed.csv", System.Text.Encoding.UTF8.GetBytes("external_id,uri\n" + lines));
        _beforeAnswer = () => File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch); // Its rows are read; the last one is being fetched.
        var first = await harness.RunFeedAsync(path, "csv", snapshot: true);
        Assert.Equal(FeedState.Running, first.State);
        await RunLoopAsync(harness, async () => await harness.Feeds.CountWaitingAsync(first.FeedId, default) == 0);
        await harness.NewFeedRun().RunAsync((await harness.Feeds.FindAsync(first.FeedId, default))!, default);
        var ended = (await harness.Feeds.FindAsync(first.FeedId, default))!;
        Assert.Equal(FeedState.Refused, ended.State);
        Assert.Contains("changed while it was read", ended.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("new.state = 'stored'", "rejected")] // The picture cannot be applied; that it is rejected can.
    [InlineData("new.state <> 'received'", "received")]
    public async Task Loop_FaultOfTheServiceEachTime_IsCountedAndTheFeedEnds(string refused, string state)
    {
        await using var harness = await NewAsync(attempts: 3);
        await harness.Database.ExecuteAsync(
            $"""
            create function cpf.refuse() returns trigger language plpgsql as
                $$ begin raise exception 'refused' using errcode = '22000'; end $$;
            create trigger refuse before insert or update on cpf.images
                for each row when (new.external_id = 'bad' and {refused}) execute function cpf.refuse();
            """);
        _allowed = 2;
        var path = harness.Write(
            "feed.csv", System.Text.Encoding.UTF8.GetBytes($"external_id,uri\nbad,{Base}/down/1\ngood,{Base}/down/2\n"));
        var feedId = (await harness.RunFeedAsync(path, "csv")).FeedId;

        await RunLoopAsync(harness, async () => await harness.Feeds.CountWaitingAsync(feedId, default) == 0);

        Assert.Equal([("bad", state), ("good", "stored")], await harness.StatesAsync());
        var rejection = Assert.Single(await harness.Feeds.ListRejectionsAsync(feedId, 10, default));
        Assert.Equal((1L, "bad", "service_fault"), (rejection.RowNumber, rejection.ExternalId, rejection.Reason));
        var settled = (await harness.Feeds.FindAsync(feedId, default))!;
        Assert.Equal((1L, 1L), (settled.Stored, settled.Rejected));
    }

    private string Base => _server.Urls.Single();

    private static ImageEntry Entry(string externalId, string uri) =>
        SubmissionRule.ToEntry(new Submission { Source = "s", ExternalId = externalId, Uri = uri, SentAtMilliseconds = 2 });

    private static Task<long> CountAsync(IngestHarness harness, string state) =>
        harness.Database.ScalarAsync<long>("select count(*) from cpf.images where state = $1", state);

    private static async Task RunLoopAsync(IngestHarness harness, Func<Task<bool>> condition)
    {
        var options = Options.Create(harness.Options);
        using var loop = new FetchLoop(
            new ParkedFetchStore(
                harness.Database.DataSource), harness.Intake, harness.Gates, harness.Gate, options, TimeProvider.System,
            NullLogger<FetchLoop>.Instance);
        await loop.StartAsync(default);
        try
        {
            await Until.TrueAsync(condition);
        }
        finally
        {
            await loop.StopAsync(default);
        }
    }

    private async Task<IngestHarness> NewAsync(int attempts = 10) => new(
        await databases.CreateAsync(),
        new IngestOptions { AllowPrivateAddresses = true, FetchAttempts = attempts, FetchBackoff = TimeSpan.FromMilliseconds(100) });
}
