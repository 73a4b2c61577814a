using System.Diagnostics.Metrics;
using CpfPipeline.Hosting;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest;

/// <summary>Counters of intake and removal.</summary>
internal sealed class IngestMetrics
{
    private const string Unchanged = "unchanged";
    private const string Stale = "stale";

    private static readonly Counter<long> Images = CpfTelemetry.Meter.CreateCounter<long>(
        "cpf.ingest.images", "{image}", "Entries by outcome: received, stored, unchanged, stale, retracted, rejected.");

    private static readonly Counter<long> Rejections = CpfTelemetry.Meter.CreateCounter<long>(
        "cpf.ingest.rejected", "{image}", "Rejected entries by reason.");

    private static readonly Counter<long> FetchFailures = CpfTelemetry.Meter.CreateCounter<long>(
        "cpf.ingest.fetch_failures", "{fetch}", "Attempts to get a picture that failed, by reason, and whether another may succeed.");

    private static readonly Counter<long> Bytes = CpfTelemetry.Meter.CreateCounter<long>(
        "cpf.ingest.bytes", "By", "Bytes of images fetched or uploaded.");

    private static readonly Counter<long> ErasuresDone = CpfTelemetry.Meter.CreateCounter<long>(
        "cpf.ingest.erased", "{erasure}", "Finished erasures.");

    private static readonly Counter<long> CollectedContents = CpfTelemetry.Meter.CreateCounter<long>(
        "cpf.ingest.collected", "{content}", "Contents removed because no image refers to them.");

    private static readonly Counter<long> SweptBlobs = CpfTelemetry.Meter.CreateCounter<long>(
        "cpf.ingest.swept", "{blob}", "Blobs removed because no row stands for them.");

    /// <summary>Every counter begins at zero.</summary>
    public IngestMetrics()
    {
        string[] outcomes =
            [ImageState.Received, ImageState.Stored, Unchanged, Stale, ImageState.Retracted, ImageState.Rejected];
        Array.ForEach(outcomes, outcome => Images.Add(0, Label("outcome", outcome)));
        foreach (var reason in RejectReasons.All)
        {
            Rejections.Add(0, Label("reason", reason));
        }

        foreach (var reason in RejectReasons.Passing)
        {
            FetchFailures.Add(0, Label("reason", reason), Label("may_recover", true));
        }

        foreach (var counter in new[] { Bytes, ErasuresDone, CollectedContents, SweptBlobs })
        {
            counter.Add(0);
        }
    }

    public void Fetched(long bytes) => Bytes.Add(bytes);

    /// <summary>Counts an attempt that failed. A host that was not asked is none.</summary>
    public void FetchFailed(FetchOutcome outcome)
    {
        if (outcome is { WasTried: true, Reason: { } reason })
        {
            FetchFailures.Add(1, Label("reason", reason), Label("may_recover", outcome.MayRecover));
        }
    }

    public void Erased() => ErasuresDone.Add(1);

    public void Collected(long contents) => CollectedContents.Add(contents);

    public void Swept(long blobs) => SweptBlobs.Add(blobs);

    public void Applied(IReadOnlyCollection<IntakeResult> results)
    {
        foreach (var outcome in results.CountBy(OutcomeOf))
        {
            Images.Add(outcome.Value, Label("outcome", outcome.Key));
        }

        foreach (var reason in results.Select(r => r.Reason).OfType<string>().CountBy(reason => reason))
        {
            Rejections.Add(reason.Value, Label("reason", reason.Key));
        }
    }

    private static KeyValuePair<string, object?> Label(string name, object value) => new(name, value);

    private static string OutcomeOf(IntakeResult result) => result switch
    {
        { Reason: not null } => ImageState.Rejected,
        { Effect: ImageEffect.Unchanged } => Unchanged,
        { Effect: ImageEffect.Stale } => Stale,
        { Change.State: ImageState.Retracted } => ImageState.Retracted,
        { Change.State: ImageState.Received } => ImageState.Received,
        _ => ImageState.Stored,
    };
}
