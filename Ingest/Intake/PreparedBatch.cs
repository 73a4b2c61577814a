using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Ingest.Intake;

/// <summary>A batch whose bytes are in the blob store. One transaction remains to be done.</summary>
/// <param name="Entries">The entries.</param>
/// <param name="Wanted">The change that each entry asks for; null when the entry is stale.</param>
/// <param name="NotYet">For each entry why its bytes cannot be had yet, or null. What it wants meanwhile is to be known as
/// received.</param>
internal sealed record PreparedBatch(
    IReadOnlyList<ImageEntry> Entries, IReadOnlyList<ImageChange?> Wanted, IReadOnlyList<FetchOutcome?> NotYet);
