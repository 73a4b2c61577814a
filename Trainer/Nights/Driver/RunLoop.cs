using CpfPipeline.Nights.Runs;

namespace CpfPipeline.Nights.Driver;

/// <summary>
/// Drives runs in this process: at once after its start when one was left unfinished, when somebody asks for one, and within seconds when the Trainer that drove one is gone.
/// </summary>
public sealed class RunLoop(RunDriver driver, RunSignal signal, TimeProvider time, ILogger<RunLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var failures = 0;
        while (true)
        {
            try
            {
                await driver.DriveAsync(stoppingToken);
                failures = 0;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                failures++;
                Log.RunPostponed(logger, RunPause.After(failures).TotalSeconds, e.Message);
                await Task.Delay(RunPause.After(failures), time, stoppingToken);
                continue;
            }

            await signal.WaitAsync(Interval, stoppingToken);
        }
    }
}
