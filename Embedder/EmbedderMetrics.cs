using System.Diagnostics.Metrics;
using CpfPipeline.Hosting;
using CpfPipeline.Vision.Decoders;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Embedder;

/// <summary>Instruments of the Embedder.</summary>
internal sealed class EmbedderMetrics
{
    private static readonly Counter<long> Contents = CpfTelemetry.Meter.CreateCounter<long>(
        "cpf.embedder.contents", "{content}", "Contents by outcome: embedded, known (nothing to do), rejected, failed.");

    private static readonly Counter<long> Rejections = CpfTelemetry.Meter.CreateCounter<long>(
        "cpf.embedder.rejected", "{content}", "Contents that cannot be decoded or embedded, by reason.");

    private static readonly Histogram<double> BatchSeconds = CpfTelemetry.Seconds(
        "cpf.embedder.batch.duration", "From a batch's arrival to its commit.");

    private static readonly Histogram<int> DeviceBatch = CpfTelemetry.Meter.CreateHistogram(
        "cpf.embedder.device.batch", "{picture}", "Pictures of a run on a device, by device.", tags: null,
        new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });

    private static readonly Counter<long> DeviceFailures = CpfTelemetry.Meter.CreateCounter<long>(
        "cpf.embedder.device.failures", "{failure}", "Runs that did not fit (memory) and losses of a device (lost), by device.");

    private static readonly Counter<long> Renditions = CpfTelemetry.Meter.CreateCounter<long>(
        "cpf.embedder.renditions", "{rendition}", "Renditions made because somebody wanted to see them, by rendition.");

    private static readonly Counter<long> DecodersReplaced = CpfTelemetry.Meter.CreateCounter<long>(
        "cpf.embedder.decoders.replaced", "{process}",
        "Replaced processes that decode, by reason: crashed, killed, timedout, disobeyed, grew, retired (their number done).");

    private string? _provider;

    /// <summary>Counters begin at zero.</summary>
    public EmbedderMetrics()
    {
        CpfTelemetry.Meter.CreateObservableGauge(
            "cpf.embedder.execution_provider", Observe, null, "1 for the execution provider that runs the backbones.");
        foreach (var outcome in new[] { "embedded", "known", "rejected", "failed" })
        {
            Contents.Add(0, Label("outcome", outcome));
        }

        foreach (var reason in RejectReasons.All)
        {
            Rejections.Add(0, Label("reason", reason));
        }

        foreach (var rendition in Rendition.All)
        {
            Renditions.Add(0, Label("rendition", rendition));
        }

        foreach (var loss in Enum.GetValues<DecoderLoss>())
        {
            DecodersReplaced.Add(0, Label("reason", Word(loss)));
        }
    }

    public void Count(string outcome, int count)
    {
        if (count > 0)
        {
            Contents.Add(count, Label("outcome", outcome));
        }
    }

    public void Rejected(string reason) => Rejections.Add(1, Label("reason", reason));

    public void BatchDone(TimeSpan duration) => BatchSeconds.Record(duration.TotalSeconds);

    public void RenditionMade(string rendition) => Renditions.Add(1, Label("rendition", rendition));

    public void DecoderReplaced(DecoderLoss reason) => DecodersReplaced.Add(1, Label("reason", Word(reason)));

    public void RunsOn(string provider) => _provider = provider;

    /// <param name="device">E.g. <c>cuda:0</c>.</param>
    /// <param name="pictures">How many.</param>
    public void DeviceRan(string device, int pictures) => DeviceBatch.Record(pictures, Label("device", device));

    /// <param name="device">E.g. <c>cuda:0</c>.</param>
    /// <param name="kind"><c>memory</c> or <c>lost</c>.</param>
    public void DeviceFailed(string device, string kind) => DeviceFailures.Add(1, Label("device", device), Label("kind", kind));

    private static string Word(DecoderLoss loss) => loss.ToString().ToLowerInvariant();

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);

    private IEnumerable<Measurement<int>> Observe() =>
        _provider is { } provider ? [new Measurement<int>(1, Label("provider", provider))] : [];
}
