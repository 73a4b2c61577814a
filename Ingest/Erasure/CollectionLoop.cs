using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest;

/// <summary>Collects from time to time.</summary>
internal sealed class CollectionLoop(Collection collection, IOptions<IngestOptions> options, TimeProvider time, ILogger<CollectionLoop> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.CollectInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await collection.RunAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever is broken, what is due is still there at the next tick.
                Log.CollectionPostponed(logger, e.Message);
            }
        }
    }
}
