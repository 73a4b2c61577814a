using Microsoft.Extensions.Options;

namespace CpfPipeline.Embedder.Embedding;

/// <summary>Looks for missed contents from time to time.</summary>
internal sealed class MissedContentsLoop(MissedContents missed, IOptions<EmbedderOptions> options, TimeProvider time, ILogger<MissedContentsLoop> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.RepairEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await missed.SendAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever is broken (database, broker), the contents are still there at the next tick.
                Log.MissedPostponed(logger, e.Message);
            }
        }
    }
}
