using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>A row of <c>cpf.erasures</c>: the request, and when finished the receipt.</summary>
/// <param name="ErasureId">Handle.</param>
/// <param name="Scope">See <see cref="ErasureScope"/>.</param>
/// <param name="Tombstone">Keyed hash of what is erased, 32 bytes.</param>
/// <param name="State">See <see cref="ErasureState"/>.</param>
/// <param name="ContentId">The content, until finished; null when there is none to remove.</param>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="FinishedAt">When the last trace was removed.</param>
/// <param name="Who">Who asked.</param>
/// <param name="Note">Why, or null.</param>
/// <param name="Counts">Rows and files removed, by kind.</param>
/// <param name="RecordHash">See <see cref="ErasureReceipt"/>; null until finished.</param>
internal sealed record Erasure(
    long ErasureId, string Scope, byte[] Tombstone, string State, long? ContentId, DateTimeOffset RequestedAt, DateTimeOffset? FinishedAt,
    string Who, string? Note, IReadOnlyDictionary<string, long> Counts, byte[]? RecordHash);
