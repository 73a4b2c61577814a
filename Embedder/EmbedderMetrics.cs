using System.Diagnostics.Metrics;
using CpfPipeline.Hosting;

namespace CpfPipeline.Embedder;

/// <summary>Instruments of the Embedder.</summary>
internal sealed class EmbedderMetrics
{
    private static readonly Counter<long> Contents = CpfTelemetry.Meter.CreateCounter<long>(
        "cpf.embedder.contents", "{content}", "Contents by outcome: embedded, known (nothing to do), rejected, failed.");

    private static readonly Histogram<double> BatchSeconds = CpfTelemetry.Meter.CreateHistogram<double>(
        "cpf.embedder.batch.duration", "s", "From a batch's arrival to its commit.");

    private string? _provider;

    public EmbedderMetrics() => CpfTelemetry.Meter.CreateObservableGauge(
        "cpf.embedder.execution_provider", Observe, null, "1 for the execution provider that runs the backbones.");

    public void Count(string outcome, int count)
    {
        if (count > 0)
        {
            Contents.Add(count, new KeyValuePair<string, object?>("outcome", outcome));
        }
    }

    public void BatchDone(TimeSpan duration) => BatchSeconds.Record(duration.TotalSeconds);

    public void RunsOn(string provider) => _provider = provider;

    private IEnumerable<Measurement<int>> Observe() =>
        _provider is { } provider ? [new Measurement<int>(1, new KeyValuePair<string, object?>("provider", provider))] : [];
}
