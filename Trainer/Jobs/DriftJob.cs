using System.Diagnostics.Metrics;
using CpfPipeline.Hosting;
using CpfPipeline.Nights.Drift;
using Hangfire;

namespace CpfPipeline.Trainer.Jobs;

/// <summary>Looks every hour whether new contents are still like those that the threshold was calibrated on; says so in the log, in <c>/health</c> and as a metric.</summary>
internal sealed class DriftJob(DriftCheck check, DriftDetail detail, ILogger<DriftJob> logger)
{
    private static readonly Gauge<double> Index = CpfTelemetry.Meter.CreateGauge<double>("cpf.trainer.drift", "1", "Population stability index of the nearest similarities of new contents");

    [JobDisplayName("Drift")]
    [AutomaticRetry(Attempts = 0)]
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var finding = await check.RunAsync(cancellationToken);
        detail.Latest = finding;
        if (finding?.Index is { } index)
        {
            Index.Record(index);
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
