using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CpfPipeline.Hosting;

/// <summary>Metrics and traces. Exported by OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, else only kept in the process.</summary>
public static class CpfTelemetry
{
    /// <summary>All instruments of the pipeline belong to this meter.</summary>
    public static Meter Meter { get; } = new("CpfPipeline");

    /// <summary>All spans of the pipeline belong to this source.</summary>
    public static ActivitySource Source { get; } = new("CpfPipeline");

    internal static void Add(WebApplicationBuilder builder, string service)
    {
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            return;
        }

        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService($"cpf-{service.ToLowerInvariant()}"))
            .WithMetrics(metrics => metrics.AddMeter("CpfPipeline", "MassTransit", "Npgsql", "System.Runtime").AddOtlpExporter())
            .WithTracing(traces => traces.AddSource("CpfPipeline", "MassTransit").AddOtlpExporter());
    }
}
