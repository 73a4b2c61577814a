using CpfPipeline.Nights;
using CpfPipeline.Nights.Drift;
using Hangfire;

namespace CpfPipeline.Trainer.Jobs;

/// <summary>
/// Checks every hour whether new contents still resemble those that the threshold was calibrated on. The log, <c>/health</c> and a metric
/// tell the outcome.
/// </summary>
internal sealed class DriftJob(DriftCheck check, DriftDetail detail, RunMetrics metrics, ILogger<DriftJob> logger)
{
    [JobDisplayName("Drift")]
    [AutomaticRetry(Attempts = 0)]
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var finding = await check.RunAsync(cancellationToken);
        detail.Latest = finding;
        if (finding?.Index is { } index)
        {
            metrics.Drifted(index);
        }

        if (finding is { IsAlarm: true })
        {
            Log.Drift(logger, finding.Message);
        }
        else if (finding is not null)
        {
            Log.NoDrift(logger, finding.Message);
        }

        return finding?.Message ?? "no model is active";
    }
}
