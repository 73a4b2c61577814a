using System.Diagnostics.Metrics;
using CpfPipeline.Hosting;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest;

/// <summary>Counters of intake and removal.</summary>
internal sealed class IngestMetrics
{
    private readonly Counter<long> _images = CpfTelemetry.Meter.CreateCounter<long>("cpf.ingest.images", "{image}", "Entries by outcome.");
    private readonly Counter<long> _bytes =
        CpfTelemetry.Meter.CreateCounter<long>("cpf.ingest.bytes", "By", "Bytes of images fetched or uploaded.");

    private readonly Counter<long> _erased = CpfTelemetry.Meter.CreateCounter<long>("cpf.ingest.erased", "{erasure}", "Finished erasures.");
    private readonly Counter<long> _collected =
        CpfTelemetry.Meter.CreateCounter<long>("cpf.ingest.collected", "{content}", "Contents removed because no image refers to them.");

    private readonly Counter<long> _swept =
        CpfTelemetry.Meter.CreateCounter<long>("cpf.ingest.swept", "{blob}", "Blobs removed because no row stands for them.");

    public void Fetched(long bytes) => _bytes.Add(bytes);

    public void Erased() => _erased.Add(1);

    public void Collected(long contents) => _collected.Add(contents);

    public void Swept(long blobs) => _swept.Add(blobs);

    public void Applied(IEnumerable<IntakeResult> results)
    {
        foreach (var outcome in results.CountBy(OutcomeOf))
        {
            _images.Add(outcome.Value, new KeyValuePair<string, object?>("outcome", outcome.Key));
        }
    }

    private static string OutcomeOf(IntakeResult result) => result switch
    {
        { Reason: not null } => ImageState.Rejected,
        { Effect: ImageEffect.Unchanged } => "unchanged",
        { Effect: ImageEffect.Stale } => "stale",
        { Change.State: ImageState.Retracted } => ImageState.Retracted,
        { Change.State: ImageState.Received } => ImageState.Received,
        _ => ImageState.Stored,
    };
}
