using CpfPipeline.Data;

namespace CpfPipeline.Ingest;

/// <summary>A batch whose bytes are in the blob store. One transaction remains to be done.</summary>
/// <param name="Entries">The entries.</param>
/// <param name="Wanted">The change that each entry asks for; null when the entry is stale.</param>
internal sealed record PreparedBatch(IReadOnlyList<ImageEntry> Entries, IReadOnlyList<ImageChange?> Wanted);
