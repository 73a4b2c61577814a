using System.Diagnostics;
using System.Diagnostics.Metrics;
using CpfPipeline.Hosting.Health;
using Microsoft.Extensions.DependencyInjection;

namespace CpfPipeline.Hosting.Telemetry;

/// <summary>What every process says of itself.</summary>
internal sealed class ServiceGauges(IMeterFactory meters, IServiceProvider services)
{
    /// <summary>Makes the gauges.</summary>
    public void Begin()
    {
        var meter = meters.Create(CpfTelemetry.Name);
        using var self = Process.GetCurrentProcess();
        var startedAt = new DateTimeOffset(self.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0;
        meter.CreateObservableGauge(
            "process.start_time", () => startedAt, "s", "When the process started, since 1970. A change is a restart.");
        meter.CreateObservableGauge(
            "cpf.service.ready", IsReady, null, "1 when the service waits for nothing before it can work, else 0.");
    }

    private int IsReady() => services.GetServices<IReadiness>().All(r => r.WhyNot is null) ? 1 : 0;
}
