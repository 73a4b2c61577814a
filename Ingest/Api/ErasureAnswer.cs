using CpfPipeline.Ingest.Erasures;

namespace CpfPipeline.Ingest.Api;

/// <summary>The state of an erasure, and its receipt once it is finished.</summary>
internal sealed record ErasureAnswer(
    long ErasureId, string Scope, string State, string Tombstone, DateTimeOffset RequestedAt, DateTimeOffset? FinishedAt, string Who,
    string? Note, IReadOnlyDictionary<string, long> Counts, string? RecordHash)
{
    public static ErasureAnswer Of(Erasure erasure) => new(
        erasure.ErasureId, erasure.Scope, erasure.State, Convert.ToHexStringLower(erasure.Tombstone), erasure.RequestedAt,
        erasure.FinishedAt, erasure.Who, erasure.Note, erasure.Counts,
        erasure.RecordHash is { } hash ? Convert.ToHexStringLower(hash) : null);
}
