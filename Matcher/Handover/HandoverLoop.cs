using Npgsql;

namespace CpfPipeline.Matcher.Handover;

/// <summary>Looks twice a second whether the Trainer asks for something.</summary>
internal sealed class HandoverLoop(ShadowKeeper keeper, TimeProvider time, ILogger<HandoverLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        do
        {
            try
            {
                await keeper.RunOnceAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
            {
                Log.BackgroundFailed(logger, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
