using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;

namespace CpfPipeline.Hosting.Telemetry;

/// <summary>
/// Makes the reader of metrics before anything that counts. A counter that starts at zero before there is a reader has no value until it
/// counts, and a rate of it would miss its first step.
/// </summary>
internal sealed class MetricReadiness : IHostedService
{
    public MetricReadiness(MeterProvider provider, ServiceGauges gauges)
    {
        ArgumentNullException.ThrowIfNull(provider);
        gauges.Begin();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
