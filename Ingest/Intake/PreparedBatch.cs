using CpfPipeline.Ingest.Images;

namespace CpfPipeline.Ingest.Intake;

/// <summary>A batch whose bytes are in the blob store: what is left is one transaction.</summary>
/// <param name="Entries">The entries.</param>
/// <param name="Wanted">For every entry the change it asks for; null when it is clearly stale.</param>
internal sealed record PreparedBatch(IReadOnlyList<ImageEntry> Entries, IReadOnlyList<ImageChange?> Wanted);
