using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace CpfPipeline.Hosting;

/// <summary>What the pipeline measures with. Where it goes is decided in <c>Telemetry</c>.</summary>
public static class CpfTelemetry
{
    /// <summary>Name of the meter and of the source of spans.</summary>
    public const string Name = "CpfPipeline";

    /// <summary>Seconds that work on a batch takes: from a hundredth to the quarter of an hour that a large join needs.</summary>
    private static readonly InstrumentAdvice<double> WorkSeconds = new()
    {
        HistogramBucketBoundaries = [.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900],
    };

    /// <summary>Instruments of the pipeline that belong to no single host.</summary>
    public static Meter Meter { get; } = new(Name);

    /// <summary>All spans of the pipeline belong to this source.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>A histogram of seconds that work takes.</summary>
    public static Histogram<double> Seconds(string name, string description) =>
        Meter.CreateHistogram(name, "s", description, tags: null, WorkSeconds);
}
