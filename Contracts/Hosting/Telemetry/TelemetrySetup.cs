using CpfPipeline.Hosting.Telemetry.Exposition;
using CpfPipeline.Hosting.Telemetry.Traces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CpfPipeline.Hosting.Telemetry;

/// <summary>
/// Metrics for <c>GET /metrics</c>, always. Traces, metrics and logs by OTLP, where an endpoint is set (<see cref="OtlpSignal"/>).
/// </summary>
internal static class TelemetrySetup
{
    // ASP.NET Core writes attributes into its spans only when this is off.
    private const string NoAttributesOfRequests = "Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData";

    private static readonly string[] Meters =
    [
        CpfTelemetry.Name, "MassTransit", "Npgsql", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel",
        "System.Net.Http", "System.Runtime",
    ];

    private static readonly string[] Sources =
        [CpfTelemetry.Name, "MassTransit", StatementsWithoutWork.Source, RequestSpans.Source, "System.Net.Http"];

    public static void AddTelemetry(this WebApplicationBuilder builder, string service)
    {
        var (configuration, services) = (builder.Configuration, builder.Services);
        services.AddSingleton<MetricSnapshot>();
        services.AddSingleton<ServiceGauges>();
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => Describe(resource, configuration, service))
            .WithMetrics(metrics => AddMetrics(metrics, new OtlpSignal(configuration, "METRICS")));

        // Counters begin at zero when their owners are made, so the reader must be there before them.
        services.AddHostedService<MetricReadiness>();
        if (new OtlpSignal(configuration, "TRACES") is { IsExported: true } traces)
        {
            AppContext.SetSwitch(NoAttributesOfRequests, false);
            services.AddSingleton<IStartupFilter, RequestSpans>();
            telemetry.WithTracing(tracing => tracing
                .AddSource(Sources).AddProcessor(new StatementsWithoutWork()).AddOtlpExporter(traces.Configure));
        }

        if (new OtlpSignal(configuration, "LOGS") is { IsExported: true } logs)
        {
            telemetry.WithLogging(
                logging => logging.AddOtlpExporter(logs.Configure), options => options.IncludeFormattedMessage = true);
        }
    }

    private static void Describe(ResourceBuilder resource, IConfiguration configuration, string service)
    {
        if (string.IsNullOrEmpty(configuration["OTEL_SERVICE_NAME"]))
        {
            resource.AddService($"cpf-{service.ToLowerInvariant()}", serviceVersion: new ServiceIdentity(service).Version);
        }
    }

    private static void AddMetrics(MeterProviderBuilder metrics, OtlpSignal otlp)
    {
        metrics.AddMeter(Meters).AddView(MetricViews.Of);
        metrics.AddReader(services => new BaseExportingMetricReader(services.GetRequiredService<MetricSnapshot>()));
        if (otlp.IsExported)
        {
            metrics.AddOtlpExporter(otlp.Configure);
        }
    }
}
