using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>Continues unfinished erasures, at start and then periodically. Several instances may do so at once.</summary>
internal sealed class ErasureLoop(
    ErasureStore store, ErasureWork work, IOptions<IngestOptions> options, TimeProvider time, ILogger<ErasureLoop> logger)
        : BackgroundService
{
    private const int Limit = 1_000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ErasurePollInterval, time);
        do
        {
            try
            {
                foreach (var erasure in await store.ListUnfinishedAsync(Limit, stoppingToken))
                {
                    await AdvanceAsync(erasure, stoppingToken);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Nothing is lost by a failure: the next tick finds the same work.
                Log.ErasuresUnavailable(logger, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task AdvanceAsync(Erasure erasure, CancellationToken cancellationToken)
    {
        try
        {
            await work.AdvanceAsync(erasure, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // A failing erasure must not block the others.
            Log.ErasurePostponed(logger, erasure.ErasureId, e.Message);
        }
    }
}
