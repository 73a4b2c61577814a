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

    private static readonly Histogram<int> DeviceBatch = CpfTelemetry.Meter.CreateHistogram<int>(
        "cpf.embedder.device.batch", "{picture}", "Pictures of a run on a device, by device.");

    private static readonly Counter<long> DeviceFailures = CpfTelemetry.Meter.CreateCounter<long>(
        "cpf.embedder.device.failures", "{failure}", "Runs that did not fit (memory) and losses of a device (lost), by device.");

    private static readonly Counter<long> Renditions = CpfTelemetry.Meter.CreateCounter<long>(
        "cpf.embedder.renditions", "{rendition}", "Renditions made because somebody wanted to see them, by rendition.");

    private static readonly Counter<long> DecodersReplaced = CpfTelemetry.Meter.CreateCounter<long>(
        "cpf.embedder.decoders.replaced", "{process}",
        "Replaced processes that decode, by reason: crashed, killed, timedout, disobeyed, grew, retired (their number done).");

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

    public void RenditionMade(string rendition) => Renditions.Add(1, new KeyValuePair<string, object?>("rendition", rendition));

    public void DecoderReplaced(string reason) =>
        DecodersReplaced.Add(1, new KeyValuePair<string, object?>("reason", reason.ToLowerInvariant()));

    public void RunsOn(string provider) => _provider = provider;

    public void DeviceRan(string device, int pictures) => DeviceBatch.Record(pictures, new KeyValuePair<string, object?>("device", device));

    /// <param name="device">E.g. <c>cuda:0</c>.</param>
    /// <param name="kind"><c>memory</c> or <c>lost</c>.</param>
    public void DeviceFailed(string device, string kind) => DeviceFailures.Add(
        1, new KeyValuePair<string, object?>("device", device), new KeyValuePair<string, object?>("kind", kind));

    private IEnumerable<Measurement<int>> Observe() =>
        _provider is { } provider ? [new Measurement<int>(1, new KeyValuePair<string, object?>("provider", provider))] : [];
}
