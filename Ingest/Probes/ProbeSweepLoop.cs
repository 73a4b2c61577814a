using CpfPipeline.Data.Probes;
using CpfPipeline.Hosting.Background;

namespace CpfPipeline.Ingest.Probes;

/// <summary>Removes probes that a crash has left. Who waits for one deletes it after seconds.</summary>
internal sealed class ProbeSweepLoop(IProbeStore probes, TimeProvider time, ILogger<ProbeSweepLoop> logger)
    : BackgroundLoop("probes", TimeSpan.FromMinutes(1), time, logger)
{
    // No probe is waited for as long as this.
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(10);

    protected override async Task StepAsync(CancellationToken cancellationToken)
    {
        if (await probes.DeleteOlderAsync(Time.GetUtcNow() - MaxAge, cancellationToken) is > 0 and var left)
        {
            Log.ProbesSwept(Logger, left);
        }
    }
}
