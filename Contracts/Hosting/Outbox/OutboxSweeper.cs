using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CpfPipeline.Hosting.Outbox;

/// <summary>Publishes, every few seconds, what a crashed or disconnected writer left in the outbox.</summary>
internal sealed class OutboxSweeper(OutboxDispatcher dispatcher, HeldBackMessages heldBack, TimeProvider time, ILogger<OutboxSweeper> logger) : BackgroundService
{
    // Longer than a writer needs to publish after its commit; a message published twice does no harm.
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);
    private const int Limit = 1_000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever is broken (database, broker), the rows stay and the next tick tries again.
                Log.SweepPostponed(logger, e.Message);
            }
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var kept = new Dictionary<string, long>(await dispatcher.CountUnknownAsync(Age, cancellationToken), StringComparer.Ordinal);
        for (long? after = 0; after is { } seq;)
        {
            var page = await dispatcher.SweepAsync(Age, seq, Limit, cancellationToken);
            foreach (var type in page.Unreadable)
            {
                kept[type] = kept.GetValueOrDefault(type) + 1;
            }

            if (page.Published > 0)
            {
                Log.Swept(logger, page.Published);
            }

            after = page.NextAfterSeq;
        }

        heldBack.Set(kept);
    }
}
