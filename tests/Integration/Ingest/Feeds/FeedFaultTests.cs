using CpfPipeline.Data.Feeds;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Feeds;

/// <summary>A feed that meets a fault of the service, while no server is away, ends and lets the next one of its source be read.</summary>
public sealed class FeedFaultTests(TestDatabases databases, TestBroker broker) : RunningIngest(databases, broker)
{
    [Fact]
    public async Task FeedRunner_RowThatTheDatabaseNeverTakes_FailsTheFeedAndTheNextOneIsRead()
    {
        await Database.ExecuteAsync(
            """
            create function cpf.refuse() returns trigger language plpgsql as
                $$ begin raise exception 'a secret of the database' using errcode = '22000'; end $$;
            create trigger refuse before insert or update on cpf.images
                for each row when (new.external_id = 'bad') execute function cpf.refuse();
            """);
        var feeds = new FeedStore(Database.DataSource);
        var bad = await AddAsync(feeds, "bad.csv", $"external_id,uri\nbad,{Picture("a.gif", 1)}\n");
        var good = await AddAsync(feeds, "good.csv", $"external_id,uri\ngood,{Picture("b.gif", 2)}\n");

        await Until.TrueAsync(async () =>
        {
            await Database.ExecuteAsync("update cpf.feeds set next_attempt_at = now() where next_attempt_at > now()"); // No pauses.
            return (await feeds.FindAsync(good, default))!.State == FeedState.Finished;
        });

        var failed = (await feeds.FindAsync(bad, default))!;
        Assert.Equal(FeedState.Failed, failed.State);
        Assert.Contains(
            "fault of this service (PostgresException) stopped it 4 times behind row 0", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failed.Message, StringComparison.Ordinal);
        Assert.Equal(["good stored"], await StatesAsync());
    }

    [Fact]
    public async Task CountFaultAsync_RowsWereAppliedInBetween_BeginsAnew()
    {
        var feeds = new FeedStore(Database.DataSource);
        var feedId = await Database.ScalarAsync<long>(
            """
            insert into cpf.feeds (source, path, format, revision, state, rows_total, next_attempt_at)
            values ('s', '/nowhere', 'csv', 1, 'running', 100, 'infinity') returning feed_id
            """);
        Assert.Equal(1, await CountAsync());
        Assert.Equal(2, await CountAsync());
        await Database.ExecuteAsync("update cpf.feeds set rows_read = 50");
        Assert.Equal(1, await CountAsync());

        // Nothing is counted of one that was cancelled.
        await feeds.EndAsync(feedId, FeedState.Cancelled, null, default);
        Assert.Null(await CountAsync());

        Task<int?> CountAsync() => new DueFeeds(Database.DataSource).CountFaultAsync(feedId, TimeSpan.FromDays(1), default);
    }

    private async Task<long> AddAsync(FeedStore feeds, string name, string text)
    {
        var path = Path.Combine(Folder, name);
        await File.WriteAllTextAsync(path, text);
        return await feeds.AddAsync(new NewFeed("s", path, "csv", null, false, 1), default);
    }
}
