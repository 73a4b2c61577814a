using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>Runs the collection and the sweep periodically.</summary>
internal sealed class CollectionLoop(
    Collection collection, BlobSweep sweep, IOptions<IngestOptions> options, TimeProvider time, ILogger<CollectionLoop> logger)
        : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.CollectInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await collection.RunAsync(stoppingToken);
                if (await sweep.RunAsync(stoppingToken) is > 0 and var removed)
                {
                    Log.Swept(logger, removed);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Nothing is lost by a failure: the next tick finds the same work.
                Log.CollectionPostponed(logger, e.Message);
            }
        }
    }
}
