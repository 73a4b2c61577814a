using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace CpfPipeline.Hosting.Telemetry.Exposition;

/// <summary>
/// The state of all metrics as text, collected when somebody asks. It is a reader of OpenTelemetry's like the OTLP exporter, so both tell
/// the same numbers, with the same views.
/// </summary>
/// <remarks>OpenTelemetry's own exporter for Prometheus has no stable version.</remarks>
/// <param name="time">Clock.</param>
[ExportModes(ExportModes.Pull)]
internal sealed class MetricSnapshot(TimeProvider time) : BaseExporter<Metric>, IPullMetricExporter
{
    // However many scrape, and however often, nothing is collected more often than this.
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private string? _text;
    private long _at;

    /// <inheritdoc/>
    public Func<int, bool>? Collect { get; set; }

    /// <summary>The text.</summary>
    public string Read()
    {
        lock (_gate)
        {
            if (_text is null || time.GetElapsedTime(_at) >= Kept)
            {
                _ = Collect?.Invoke(Timeout.Infinite);
                _at = time.GetTimestamp();
            }

            return _text ?? "";
        }
    }

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Metric> batch)
    {
        var writer = new ExpositionWriter();
        writer.WriteTarget(ParentProvider.GetResource().Attributes);
        foreach (var metric in batch)
        {
            writer.Write(metric);
        }

        _text = writer.ToString();
        return ExportResult.Success;
    }
}
