using System.Collections.Concurrent;
using System.Globalization;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Outages;
using CpfPipeline.Hosting.Background;
using CpfPipeline.Ingest.Pressure;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>Looks for feeds to read or resume, and reads them. Several instances share the feeds by leases.</summary>
internal sealed class FeedRunner(
    DueFeeds due, FeedStore feeds, FeedArrival arrival, FeedRun run, IntakeGate gate, IOptions<IngestOptions> options, TimeProvider time,
    ILogger<FeedRunner> logger)
    : BackgroundLoop("feeds", options.Value.FeedPollInterval, time, logger)
{
    // Some chance may be to blame for the first ones. With the pauses between them these are over in about half a minute.
    private const int MaxFaults = 4;

    private static readonly TimeSpan PauseAfterTrouble = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, Task> _running = new(StringComparer.Ordinal);

    // A download, which may take long, takes no place from feeds that are read.
    private readonly SemaphoreSlim _reading = new(options.Value.FeedConcurrency);
    private readonly SemaphoreSlim _downloading = new(options.Value.MaxFeedDownloads);

    protected override async Task StepAsync(CancellationToken cancellationToken)
    {
        if ((_reading.CurrentCount == 0 && _downloading.CurrentCount == 0) || gate.IsDiskFull)
        {
            return;
        }

        foreach (var feed in (await due.ListAsync(cancellationToken)).Where(f => !_running.ContainsKey(f.Source)))
        {
            var place = new FeedPlace(feed is { Url: not null, HasRowsToRead: true } ? _downloading : _reading);
            var isHeld = false;
            try
            {
                if (place.TryTake() && await due.TryLeaseAsync(feed.Source, cancellationToken) is { } lease)
                {
                    var start = new TaskCompletionSource();
                    _running[feed.Source] = ReadAsync(feed, lease, place, start.Task, cancellationToken);
                    start.SetResult();
                    isHeld = true;
                }
            }
            finally
            {
                if (!isHeld)
                {
                    place.Dispose();
                }
            }
        }
    }

    protected override Task AfterLastStepAsync() => Task.WhenAll(_running.Values);

    private async Task ReadAsync(Feed seen, KeptLock lease, FeedPlace place, Task start, CancellationToken cancellationToken)
    {
        await start;
        await using var _ = lease;
        using var taken = place;
        var began = Time.GetTimestamp();
        try
        {
            // Another instance may have read it between the look-up and the lease.
            if (!await feeds.StartAsync(seen.FeedId, cancellationToken)
                || await feeds.FindAsync(seen.FeedId, cancellationToken) is not { } feed)
            {
                return;
            }

            if (feed is { Url: not null, HasRowsToRead: true })
            {
                if (await arrival.FetchAsync(feed, cancellationToken) is not { } arrived)
                {
                    await TellAsync(feed, began, cancellationToken);
                    return;
                }

                feed = arrived;
                await place.ExchangeAsync(_reading, cancellationToken);
            }

            if (feed.HasRowsToRead)
            {
                Log.FeedStarted(Logger, feed.FeedId, feed.Source, feed.Format, feed.RowsRead + 1);
            }

            await run.RunAsync(feed, cancellationToken);
            if (feed.Url is not null)
            {
                arrival.Forget(feed);
            }

            await TellAsync(feed, began, cancellationToken);
        }
        catch (FeedTakenException)
        {
            Log.FeedTaken(Logger, seen.FeedId, seen.Source);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Log.FeedInterrupted(Logger, seen.FeedId, seen.Source, "shutting down", null);
        }
        catch (Exception e) when (Outage.IsOne(e))
        {
            // Broken infrastructure: the feed keeps its state and is resumed.
            Log.FeedInterrupted(Logger, seen.FeedId, seen.Source, e.Message, e);
            await Task.Delay(PauseAfterTrouble, Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception e)
        {
            await CountFaultAsync(seen, e, cancellationToken);
        }
        finally
        {
            _running.TryRemove(seen.Source, out var _);
        }
    }

    // A fault of a reader, or a row that the database does not take: it would come again for ever, and hold up the source's later feeds.
    private async Task CountFaultAsync(Feed seen, Exception fault, CancellationToken cancellationToken)
    {
        try
        {
            var faults = await due.CountFaultAsync(seen.FeedId, PauseAfterTrouble, cancellationToken);
            Log.FeedFaulted(Logger, seen.FeedId, seen.Source, faults ?? 0, MaxFaults, fault);
            if (faults < MaxFaults || await feeds.FindAsync(seen.FeedId, cancellationToken) is not { } feed)
            {
                return;
            }

            var message = string.Create(
                CultureInfo.InvariantCulture,
                $"A fault of this service ({fault.GetType().Name}) stopped it {faults} times behind row {feed.RowsRead}; nothing behind "
                + $"that row was applied. The service's log has the fault. Hand the feed in again without the rows that cause it.");
            await feeds.EndAsync(seen.FeedId, FeedState.Failed, message, cancellationToken);
            Log.FeedEnded(Logger, feed.FeedId, feed.Source, FeedState.Failed, feed.RowsRead, 0, message);
            arrival.Forget(feed);
        }
        catch (Exception e)
        {
            // It is counted the next time.
            Log.FeedInterrupted(Logger, seen.FeedId, seen.Source, e.Message, e);
        }
    }

    private async Task TellAsync(Feed feed, long began, CancellationToken cancellationToken)
    {
        if (await feeds.FindAsync(feed.FeedId, cancellationToken) is { State: not (FeedState.Queued or FeedState.Running) } ended)
        {
            Log.FeedEnded(
                Logger, ended.FeedId, ended.Source, ended.State, ended.RowsRead, (long)Time.GetElapsedTime(began).TotalMilliseconds,
                ended.Message);
        }
    }
}
