using System.Collections.Concurrent;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Data.Locks;
using CpfPipeline.Hosting.Background;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>Looks for feeds to read or resume, and reads them. Several instances share the feeds by leases.</summary>
internal sealed class FeedRunner(
    FeedStore feeds, FeedRun run, IOptions<IngestOptions> options, TimeProvider time, ILogger<FeedRunner> logger)
    : BackgroundLoop("feeds", options.Value.FeedPollInterval, time, logger)
{
    private static readonly TimeSpan PauseAfterTrouble = TimeSpan.FromSeconds(5);
    private readonly IngestOptions _options = options.Value;
    private readonly ConcurrentDictionary<string, Task> _running = new(StringComparer.Ordinal);

    protected override async Task StepAsync(CancellationToken cancellationToken)
    {
        if (_running.Count >= _options.FeedConcurrency)
        {
            return;
        }

        foreach (var feed in (await feeds.ListDueAsync(cancellationToken)).Where(f => !_running.ContainsKey(f.Source)))
        {
            if (_running.Count >= _options.FeedConcurrency)
            {
                return;
            }

            if (await feeds.TryLeaseAsync(feed.Source, cancellationToken) is { } lease)
            {
                var start = new TaskCompletionSource();
                _running[feed.Source] = ReadAsync(feed, lease, start.Task, cancellationToken);
                start.SetResult();
            }
        }
    }

    protected override Task AfterLastStepAsync() => Task.WhenAll(_running.Values);

    private async Task ReadAsync(Feed seen, KeptLock lease, Task start, CancellationToken cancellationToken)
    {
        await start;
        await using var _ = lease;
        var began = Time.GetTimestamp();
        try
        {
            // Another instance may have read it between the look-up and the lease.
            if (!await feeds.StartAsync(seen.FeedId, cancellationToken)
                || await feeds.FindAsync(seen.FeedId, cancellationToken) is not { } feed)
            {
                return;
            }

            if (feed.RowsTotal is null || feed.RowsRead < feed.RowsTotal)
            {
                Log.FeedStarted(Logger, feed.FeedId, feed.Source, feed.Format, feed.RowsRead + 1);
            }

            if (await run.RunAsync(feed, cancellationToken) is not var (state, message))
            {
                return;
            }

            var ended = await feeds.FindAsync(feed.FeedId, cancellationToken);
            Log.FeedEnded(
                Logger, feed.FeedId, feed.Source, state, ended?.RowsRead ?? 0, (long)Time.GetElapsedTime(began).TotalMilliseconds, message);
        }
        catch (FeedTakenException)
        {
            Log.FeedTaken(Logger, seen.FeedId, seen.Source);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Log.FeedInterrupted(Logger, seen.FeedId, seen.Source, "shutting down", null);
        }
        catch (Exception e)
        {
            // Broken infrastructure: the feed keeps its state and is resumed.
            Log.FeedInterrupted(Logger, seen.FeedId, seen.Source, e.Message, e);
            await Task.Delay(PauseAfterTrouble, Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            _running.TryRemove(seen.Source, out var _);
        }
    }
}
