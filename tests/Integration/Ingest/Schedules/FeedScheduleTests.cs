using CpfPipeline.Data.Access;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Schedules;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Schedules;

public sealed class FeedScheduleTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 30, TimeSpan.Zero);
    private readonly TestDatabases _databases;
    private readonly SetClock _clock = new() { Now = Start };
    private readonly Lines _log = new();
    private readonly IngestOptions _options = new() { MaxUnfinishedFeeds = 5 };
    private readonly EndedSchedules _ended;
    private TestDatabase _database = null!;
    private FeedScheduleStore _schedules = null!;

    public FeedScheduleTests(TestDatabases databases) => (_databases, _ended) = (databases, new EndedSchedules(_log));

    public async ValueTask InitializeAsync()
    {
        _database = await _databases.CreateAsync();
        _schedules = NewStore();
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task RunDueAsync_Due_HandsInOnceAndAgainWhenThatOneEnded()
    {
        await PutAsync("hourly", "0 * * * *");
        await RunAtAsync(Start);
        Assert.Empty(await FeedsAsync());
        await RunAtAsync(Start.AddHours(1));
        await RunAtAsync(Start.AddHours(1).AddMinutes(1));
        var feed = Assert.Single(await FeedsAsync());
        Assert.Equal(("s", "https://example.org/feed.csv", "hourly", Start.AddHours(1).ToUnixTimeMilliseconds()),
            (feed.Source, feed.Url, feed.Schedule, feed.Revision));

        // It has not ended: its next turn is left out.
        await RunAtAsync(Start.AddHours(2));
        Assert.Single(await FeedsAsync());
        await new FeedStore(_database.DataSource).EndAsync(feed.FeedId, FeedState.Failed, "no", default);
        await RunAtAsync(Start.AddHours(2).AddMinutes(5));
        Assert.Single(await FeedsAsync());
        await RunAtAsync(Start.AddHours(3));
        Assert.Equal(2, (await FeedsAsync()).Count);
        var schedule = Assert.Single(await _schedules.FindAsync("hourly", default));
        Assert.Equal((FeedState.Queued, Start.AddHours(3), new DateTimeOffset(2026, 3, 1, 16, 0, 0, TimeSpan.Zero)),
            (schedule.LastState, schedule.LastRunAt, schedule.NextRunAt));
    }

    [Fact]
    public async Task RunDueAsync_AfterALongTimeWithoutIngest_RunsOnce()
    {
        await PutAsync("often", "*/5 * * * *");
        await RunAtAsync(Start.AddDays(3));
        var feed = Assert.Single(await FeedsAsync());

        // Also when the run that makes up for all has ended.
        await new FeedStore(_database.DataSource).EndAsync(feed.FeedId, FeedState.Finished, null, default);
        await RunAtAsync(Start.AddDays(3).AddMinutes(1));
        Assert.Single(await FeedsAsync());
    }

    [Fact]
    public async Task RunAsync_SeveralInstances_OneOfThemHandsIn()
    {
        await PutAsync("hourly", "0 * * * *");
        var instances = Enumerable.Range(0, 8).Select(_ => NewStore());
        var runs = await Task.WhenAll(instances.Select(i => i.RunAsync("s", "hourly", Start.AddHours(1), evenIfNotDue: false, default)));
        Assert.Single(runs, r => r is not null);
        Assert.Single(await FeedsAsync());
    }

    [Fact]
    public async Task RunDueAsync_NotEnabled_DoesNotRunButOnDemand()
    {
        await PutAsync("off", "0 * * * *", enabled: false);
        await RunAtAsync(Start.AddDays(1));
        Assert.Empty(await FeedsAsync());
        Assert.NotNull(await _schedules.RunAsync("s", "off", Start, evenIfNotDue: true, default));
        Assert.Null(await _schedules.RunAsync("s", "off", Start, evenIfNotDue: true, default));
        Assert.Null(await _schedules.RunAsync("s", "none", Start, evenIfNotDue: true, default));
        Assert.Single(await FeedsAsync());
        var off = Assert.Single(await _schedules.FindAsync("off", default));
        Assert.Equal((false, (DateTimeOffset?)null), (off.Enabled, off.NextRunAt));
    }

    [Fact]
    public async Task RunDueAsync_KeyThatPutItWasRevoked_RunsNoMore()
    {
        var text = await TestKey.MakeAsync(_database, "seller", [AccessRole.Submit], ["s"]);
        await PutAsync("hourly", "0 * * * *", keyId: ApiKeyText.TryParse(text)!.KeyId);
        await RunAtAsync(Start.AddHours(1));
        var feed = Assert.Single(await FeedsAsync());
        await new FeedStore(_database.DataSource).EndAsync(feed.FeedId, FeedState.Finished, null, default);

        await _database.ExecuteAsync("update cpf.api_keys set revoked_at = now() where name = 'seller'");
        await RunAtAsync(Start.AddHours(3));

        Assert.Single(await FeedsAsync());
        Assert.True(Assert.Single(await _schedules.FindAsync("hourly", default)).HasEnded);
        Assert.Null(await _schedules.RunAsync("s", "hourly", Start.AddHours(4), evenIfNotDue: true, default));
    }

    [Fact]
    public async Task RunDueAsync_KeyThatIsNotThere_DoesNotRun()
    {
        await PutAsync("hourly", "0 * * * *", keyId: "nobodysright");

        await RunAtAsync(Start.AddHours(1));

        Assert.Empty(await FeedsAsync());
        Assert.True(Assert.Single(await _schedules.FindAsync("hourly", default)).HasEnded);
    }

    [Fact]
    public async Task RunDueAsync_RightsOfTheKeyChanged_RunsWithWhatItMayNow()
    {
        var text = await TestKey.MakeAsync(_database, "seller", [AccessRole.Submit, AccessRole.Operate], []);
        await PutAsync("hourly", "0 * * * *", keyId: ApiKeyText.TryParse(text)!.KeyId);
        await RunAtAsync(Start.AddHours(1));
        await _database.ExecuteAsync(
            "update cpf.api_keys set roles = '{submit}', sources = '{s}', global_keys = false where name = 'seller'");
        await RunAgainAtAsync(Start.AddHours(2));
        Assert.Equal([(false, false), (true, true)], (await FeedsAsync()).Select(f => (f.GlobalKeys, f.ReadsFiles)));

        await _database.ExecuteAsync("update cpf.api_keys set sources = '{other}' where name = 'seller'");
        await RunAgainAtAsync(Start.AddHours(3));
        Assert.Equal(2, (await FeedsAsync()).Count);
        Assert.True(Assert.Single(await _schedules.FindAsync("hourly", default)).HasEnded);
    }

    [Fact]
    public async Task RunDueAsync_NoKeyPutIt_RunsForATimeAndThenWhenItIsPutAgain()
    {
        await PutAsync("hourly", "0 * * * *");
        await RunAtAsync(Start.AddDays(89));
        Assert.Single(await FeedsAsync());
        Assert.Equal(Start.AddDays(90), Assert.Single(await _schedules.FindAsync("hourly", default)).RunsUntil);

        await RunAgainAtAsync(Start.AddDays(90));
        Assert.Single(await FeedsAsync());
        Assert.True(Assert.Single(await _schedules.FindAsync("hourly", default)).HasEnded);

        await PutAsync("hourly", "0 * * * *", at: Start.AddDays(90));
        await RunAtAsync(Start.AddDays(91));
        Assert.Equal(2, (await FeedsAsync()).Count);
    }

    [Fact]
    public async Task RunDueAsync_OneThatHasEnded_IsToldOnceADayAndCounted()
    {
        await PutAsync("hourly", "0 * * * *", keyId: "nobodysright");
        await RunAtAsync(Start);
        Assert.Equal((0, 0), (_ended.Count, _log.Count)); // It is not due.

        await RunAtAsync(Start.AddHours(1));
        await RunAtAsync(Start.AddHours(2));
        Assert.Equal((1, 1), (_ended.Count, _log.Count));
        await RunAtAsync(Start.AddHours(26));
        Assert.Equal((1, 2), (_ended.Count, _log.Count));

        await _schedules.DeleteAsync("s", "hourly", default);
        await RunAtAsync(Start.AddHours(27));
        Assert.Equal((0, 2), (_ended.Count, _log.Count));
    }

    [Fact]
    public async Task RunAsync_AsManyFeedsWaitAsMay_LeavesTheRunOut()
    {
        await PutAsync("hourly", "0 * * * *");
        var feeds = new FeedStore(_database.DataSource);
        for (var n = 0; n < _options.MaxUnfinishedFeeds; n++)
        {
            await feeds.AddAsync(new NewFeed("s", "/feed.csv", "csv", null, false, 0), default);
        }

        await RunAtAsync(Start.AddHours(1));

        Assert.Equal(5, (await FeedsAsync()).Count);
        Assert.Equal(Start.AddMinutes(119.5), Assert.Single(await _schedules.FindAsync("hourly", default)).NextRunAt);
    }

    [Fact]
    public async Task PutAsync_SameNameOfAnotherSource_AreTwoSchedules()
    {
        await PutAsync("nightly", "0 * * * *");
        await PutAsync("nightly", "30 * * * *", source: "other");

        Assert.Equal(
            [("other", "30 * * * *"), ("s", "0 * * * *")],
            (await _schedules.FindAsync("nightly", default)).Select(s => (s.Feed.Source, s.Times.Cron)));
        Assert.Equal("other", Assert.Single(await _schedules.ListAsync(["other"], default)).Feed.Source);
        Assert.True(await _schedules.DeleteAsync("other", "nightly", default));
        Assert.Equal("s", Assert.Single(await _schedules.ListAsync(null, default)).Feed.Source);
    }

    [Fact]
    public async Task View_Query_IsNotShown()
    {
        await PutAsync("secret", "0 * * * *", url: "https://example.org/feed.csv?token=secret");
        await RunAtAsync(Start.AddHours(1));
        Assert.Equal(
            ["https://example.org/feed.csv"],
            (await _database.QueryAsync("select origin from cpf.feed_history union select origin from cpf.feed_schedule_status"))
                .Select(r => r[0]));
    }

    private FeedScheduleStore NewStore() => new(_database.DataSource, Options.Create(_options), _clock);

    private Task PutAsync(
        string name, string cron, bool enabled = true, string url = "https://example.org/feed.csv", string? keyId = null,
        string source = "s", DateTimeOffset? at = null)
    {
        var now = at ?? Start;
        var (times, problem) = FeedTimes.Parse(cron, "UTC");
        Assert.Null(problem);
        return _schedules.PutAsync(
            new FeedSchedule
            {
                Name = name, Times = times!, Enabled = enabled, CreatedAt = now, UpdatedAt = now,
                KeyId = keyId, Feed = new NewFeed(source, null, "csv", null, false, 0) { Url = url },
                NextRunAt = enabled ? times!.Next(now) : null,
            },
            default);
    }

    private async Task RunAtAsync(DateTimeOffset now)
    {
        _clock.Now = now;
        using var loop = new FeedScheduleLoop(
            _schedules, _ended, Options.Create(_options), _clock, NullLogger<FeedScheduleLoop>.Instance);
        await loop.RunDueAsync(default);
    }

    // Once its last feed has ended.
    private async Task RunAgainAtAsync(DateTimeOffset now)
    {
        await _database.ExecuteAsync("update cpf.feeds set state = 'finished'");
        await RunAtAsync(now);
    }

    private Task<IReadOnlyList<Feed>> FeedsAsync() => new FeedStore(_database.DataSource).ListAsync(null, null, 10, default);

    // Counts what is logged.
    private sealed class Lines : ILogger<EndedSchedules>
    {
        public int Count { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Count++;
    }

    private sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
