using Npgsql;

namespace CpfPipeline.Matcher.Giants;

/// <summary>Regroups pending components as they appear; one Matcher at a time does.</summary>
internal sealed class GiantLoop(GiantRegrouper regrouper, TimeProvider time, ILogger<GiantLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        do
        {
            try
            {
                await regrouper.RunOnceAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
            {
                Log.BackgroundFailed(logger, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
