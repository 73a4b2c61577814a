using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace CpfPipeline.Hosting.Telemetry;

/// <summary>Which labels of instruments that are not ours are kept. The others have no bound, or name servers.</summary>
internal static class MetricViews
{
    private static readonly MetricStreamConfiguration Requests =
        new() { TagKeys = ["http.request.method", "http.response.status_code", "error.type"] };

    private static readonly MetricStreamConfiguration Connections = new() { TagKeys = ["http.connection.state"] };

    // The name of a pool may be its connection string.
    private static readonly MetricStreamConfiguration Database =
        new() { TagKeys = ["db.operation.name", "error.type", "db.client.connection.state"] };

    // Each process has a queue of its own for some events, with a name of its own.
    private static readonly MetricStreamConfiguration Bus = new()
    {
        TagKeys = ["messaging.masstransit.message_type", "messaging.masstransit.consumer_type", "messaging.masstransit.exception_type"],
    };

    // MassTransit counts milliseconds.
    private static readonly MetricStreamConfiguration BusDurations = new ExplicitBucketHistogramConfiguration
    {
        Boundaries = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000], TagKeys = Bus.TagKeys,
    };

    /// <summary>The view of an instrument; null: as it is.</summary>
    public static MetricStreamConfiguration? Of(Instrument instrument) => (instrument.Meter.Name, instrument.Name) switch
    {
        ("System.Net.Http", "http.client.open_connections" or "http.client.connection.duration") => Connections,
        ("System.Net.Http", _) => Requests,
        ("Npgsql", _) => Database,
        ("MassTransit", var name) => name.EndsWith(".duration", StringComparison.Ordinal) ? BusDurations : Bus,
        _ => null,
    };
}
