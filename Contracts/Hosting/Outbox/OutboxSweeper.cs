using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CpfPipeline.Hosting.Outbox;

/// <summary>Publishes, every few seconds, what a crashed or disconnected writer left in the outbox.</summary>
internal sealed class OutboxSweeper(OutboxDispatcher dispatcher, TimeProvider time, ILogger<OutboxSweeper> logger) : BackgroundService
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
                int swept;
                do
                {
                    swept = await dispatcher.SweepAsync(Age, Limit, stoppingToken);
                    if (swept > 0)
                    {
                        Log.Swept(logger, swept);
                    }
                }
                while (swept == Limit);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever is broken (database, broker), the rows stay and the next tick tries again.
                Log.SweepPostponed(logger, e.Message);
            }
        }
    }
}
