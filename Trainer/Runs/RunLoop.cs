using CpfPipeline.Hosting.Background;
using CpfPipeline.Nights.Driver;
using CpfPipeline.Nights.Runs;

namespace CpfPipeline.Trainer.Runs;

/// <summary>
/// Drives runs in this process: at its start when one was left unfinished, when somebody asks for one, and within seconds after the Trainer
/// that drove one has gone.
/// </summary>
internal sealed class RunLoop(RunDriver driver, RunSignal signal, TimeProvider time, ILogger<RunLoop> logger)
    : BackgroundLoop("runs", Pause, time, logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    protected override Task StepAsync(CancellationToken cancellationToken) => driver.DriveAsync(cancellationToken);

    protected override Task WaitAsync(CancellationToken cancellationToken) => signal.WaitAsync(Pause, cancellationToken);
}
