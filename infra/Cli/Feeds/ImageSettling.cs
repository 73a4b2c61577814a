using CpfPipeline.Cli.Progress;
using CpfPipeline.Cli.Reconciling;
using CpfPipeline.Cli.Services;
using CpfPipeline.Data.Feeds;

namespace CpfPipeline.Cli.Feeds;

/// <summary>Waits until every image of some sources is matched and reconciled.</summary>
internal sealed class ImageSettling(
    ReconcileClient reconciler, ImageProgressStore progress, ServiceWatch watch, ISubmitDisplay display, TimeProvider time)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>Downloads and regrouping take time, but something moves. When nothing has moved for so long, nothing will.</summary>
    private static readonly TimeSpan Standstill = TimeSpan.FromMinutes(10);

    /// <param name="sources">The sources.</param>
    /// <param name="readFeeds">Feeds that must have ended before; none when the images came by another way.</param>
    /// <param name="cancellationToken">Stops waiting; the services go on.</param>
    /// <returns>The last reconcile.</returns>
    /// <exception cref="CommandException">A service is gone, or nothing moves any more.</exception>
    public async Task<ReconcileAnswer> WaitAsync(
        string[] sources, Func<CancellationToken, Task<IReadOnlyList<Feed>>> readFeeds, CancellationToken cancellationToken)
    {
        await WaitAsync(sources, readFeeds, p => p.Matched, cancellationToken);
        display.ShowReconciling();
        var reconcile = await ReconcileAsync(cancellationToken);
        var state = await progress.ReadAsync(sources, cancellationToken);
        while (!state.Exactness.IsExact)
        {
            // Giant components are regrouped in the background. Other feeds may go on at the same time.
            await WaitAsync(sources, readFeeds, p => p.Matched && p.Images.Pending == 0, cancellationToken);
            reconcile = await ReconcileAsync(cancellationToken);
            state = await progress.ReadAsync(sources, cancellationToken);
            if (!state.Exactness.IsExact)
            {
                await Task.Delay(ShortestPause, time, cancellationToken);
            }
        }

        display.ShowReconciled();
        return reconcile;
    }

    // A restart of the Matcher is no reason to give up: what it has reconciled stays reconciled.
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

    private async Task WaitAsync(
        string[] sources, Func<CancellationToken, Task<IReadOnlyList<Feed>>> readFeeds, Func<SubmitProgress, bool> enough,
        CancellationToken cancellationToken)
    {
        SubmitProgress? last = null;
        var moved = time.GetTimestamp();
        while (true)
        {
            var asked = time.GetTimestamp();
            var now = SubmitProgress.Of(await readFeeds(cancellationToken), await progress.ReadAsync(sources, cancellationToken));
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
                    $"nothing has moved for {Standstill.TotalMinutes:0} minutes ({now.Images.Unmatched} images wait): "
                    + "see infra/cpf status and infra/cpf logs; the feed is kept");
            }

            await watch.CheckAsync(now.FeedsEnded ? ["Embedder", "Matcher"] : ["Ingest", "Embedder", "Matcher"], cancellationToken);

            // Looking must cost only a small share of the machine. Large sources are therefore asked about less often.
            var pause = TimeSpan.FromTicks(Math.Clamp(cost.Ticks * 10, ShortestPause.Ticks, LongestPause.Ticks));
            await Task.Delay(pause, time, cancellationToken);
        }
    }
}
