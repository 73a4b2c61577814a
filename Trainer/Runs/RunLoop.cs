using CpfPipeline.Hosting.Background;
using CpfPipeline.Nights.Driver;
using CpfPipeline.Nights.Runs;

namespace CpfPipeline.Trainer.Runs;

/// <summary>
/// Drives runs in this process: at its start a run that was left unfinished, a requested run at once, and within seconds a run whose
/// Trainer has gone.
/// </summary>
internal sealed class RunLoop(RunDriver driver, RunSignal signal, TimeProvider time, ILogger<RunLoop> logger)
    : BackgroundLoop("runs", Pause, time, logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    protected override Task StepAsync(CancellationToken cancellationToken) => driver.DriveAsync(cancellationToken);

    protected override Task WaitAsync(CancellationToken cancellationToken) => signal.WaitAsync(Pause, cancellationToken);
}
