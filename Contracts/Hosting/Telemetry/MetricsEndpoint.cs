using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Hosting.Telemetry.Exposition;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CpfPipeline.Hosting.Telemetry;

/// <summary><c>GET /metrics</c>: everything that the process measures, in Prometheus' text format, for those who scrape.</summary>
public static class MetricsEndpoint
{
    /// <summary>Where it is.</summary>
    public const string Path = "/metrics";

    private const string TextFormat = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Adds the endpoint. Whoever may read may scrape.</summary>
    public static void MapMetrics(this WebApplication app) =>
        app.MapGet(Path, (MetricSnapshot snapshot) => Results.Text(snapshot.Read(), TextFormat))
            .Needs(AccessRole.Read).ExcludeFromDescription();
}
