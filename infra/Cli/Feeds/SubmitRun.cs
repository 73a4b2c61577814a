using CpfPipeline.Cli.Progress;
using CpfPipeline.Cli.Reconciling;
using CpfPipeline.Cli.Services;
using CpfPipeline.Data.Feeds;

namespace CpfPipeline.Cli.Feeds;

/// <summary>Hands in feeds and waits until every image of their sources is matched and reconciled.</summary>
internal sealed class SubmitRun(
    FeedClient client, ReconcileClient reconciler, FeedStore feeds, FeedOutcomeStore outcomes, ImageProgressStore progress,
    ServiceWatch watch, ISubmitDisplay display,
    TimeProvider time)
{
    private const int FirstNames = 10;
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>Downloads and regrouping take time, but something moves. When nothing has moved for so long, nothing will.</summary>
    private static readonly TimeSpan Standstill = TimeSpan.FromMinutes(10);

    private readonly List<long> _accepted = [];

    /// <summary>Feeds that were handed in so far: they go on when waiting is cancelled.</summary>
    public IReadOnlyList<long> Accepted => _accepted;

    /// <summary>Runs the feeds side by side.</summary>
    /// <returns>How each ended, in the order given.</returns>
    /// <exception cref="CommandException">A service is gone, refuses, or nothing moves any more.</exception>
    public async Task<SubmitOutcome> RunAsync(IReadOnlyList<FeedBody> requests, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        foreach (var request in requests)
        {
            _accepted.Add(await client.SubmitAsync(request, cancellationToken));
        }

        var sources = requests.Select(r => r.Source).Distinct(StringComparer.Ordinal).ToArray();
        await WaitAsync(sources, p => p.Matched, cancellationToken);
        display.ShowReconciling();
        var reconcile = await ReconcileAsync(cancellationToken);
        var state = await progress.ReadAsync(sources, cancellationToken);
        while (!state.Exactness.IsExact)
        {
            // Giant components are regrouped in the background. Other feeds may go on meanwhile.
            await WaitAsync(sources, p => p.Matched && p.Images.Pending == 0, cancellationToken);
            reconcile = await ReconcileAsync(cancellationToken);
            state = await progress.ReadAsync(sources, cancellationToken);
            if (!state.Exactness.IsExact)
            {
                await Task.Delay(ShortestPause, time, cancellationToken);
            }
        }

        display.ShowReconciled();
        var elapsed = time.GetElapsedTime(start);
        var summaries = new List<FeedSummary>();
        foreach (var feed in await ReadFeedsAsync(cancellationToken))
        {
            var rejections = await outcomes.ReadRejectionsAsync(feed.FeedId, FirstNames, cancellationToken);
            var (contents, groups, images) = await outcomes.ReadMatchedAsync(feed.FeedId, cancellationToken);
            summaries.Add(new(feed, rejections, contents, groups, images, elapsed));
        }

        return new(summaries, reconcile, elapsed);
    }

    // A Matcher that restarts meanwhile is no reason to give up: what it has reconciled stays reconciled.
    private async Task<ReconcileAnswer> ReconcileAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await reconciler.ReconcileAsync(cancellationToken);
            }
            catch (ServiceSilentException)
            {
                await watch.CheckAsync(["Matcher"], cancellationToken);
                await Task.Delay(ShortestPause, time, cancellationToken);
            }
        }
    }

    private async Task WaitAsync(string[] sources, Func<SubmitProgress, bool> enough, CancellationToken cancellationToken)
    {
        SubmitProgress? last = null;
        var moved = time.GetTimestamp();
        while (true)
        {
            var asked = time.GetTimestamp();
            var now = SubmitProgress.Of(await ReadFeedsAsync(cancellationToken), await progress.ReadAsync(sources, cancellationToken));
            var cost = time.GetElapsedTime(asked);
            display.Show(now);
            if (enough(now))
            {
                return;
            }

            if (now != last)
            {
                (last, moved) = (now, time.GetTimestamp());
            }
            else if (time.GetElapsedTime(moved) > Standstill)
            {
                throw CommandException.Infrastructure(
                    $"nothing has moved for {Standstill.TotalMinutes:0} minutes ({now.Images.Unmatched} images wait): see infra/cpf status "
                        + "and infra/cpf logs; the feed is kept");
            }

            await watch.CheckAsync(now.FeedsEnded ? ["Embedder", "Matcher"] : ["Ingest", "Embedder", "Matcher"], cancellationToken);

            // Looking must cost only a small share of the machine. Large sources are therefore asked about less often.
            var pause = TimeSpan.FromTicks(Math.Clamp(cost.Ticks * 10, ShortestPause.Ticks, LongestPause.Ticks));
            await Task.Delay(pause, time, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<Feed>> ReadFeedsAsync(CancellationToken cancellationToken)
    {
        var rows = new List<Feed>(_accepted.Count);
        foreach (var feedId in _accepted)
        {
            rows.Add(await feeds.FindAsync(feedId, cancellationToken)
                ?? throw CommandException.Infrastructure($"feed {feedId} is not in the database: Ingest works on another database"));
        }

        return rows;
    }
}
