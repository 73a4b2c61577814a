using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>Carries unfinished erasures on, at start and every moment; several instances do no harm to each other.</summary>
internal sealed class ErasureLoop(
    ErasureStore store, ErasureWork work, IOptions<IngestOptions> options, TimeProvider time, ILogger<ErasureLoop> logger) : BackgroundService
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
                // Whatever is broken, what is unfinished is still there at the next tick.
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
            // One that fails must not hold up the others.
            Log.ErasurePostponed(logger, erasure.ErasureId, e.Message);
        }
    }
}
