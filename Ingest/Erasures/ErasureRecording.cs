using CpfPipeline.Data.Erasures;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>Keeps a record of each erasure outside of the database, before anybody is told that it was taken.</summary>
internal sealed class ErasureRecording(ErasureRecords records, TombstoneKey key)
{
    /// <summary>Whether an erasure was written down.</summary>
    public bool Has(byte[] tombstone) => records.Find(Convert.ToHexStringLower(tombstone)) is not null;

    /// <summary>Writes an erasure down, unless its record says as much already.</summary>
    public void Keep(Erasure erasure)
    {
        var finished = erasure.State == ErasureState.Finished;
        var tombstone = Convert.ToHexStringLower(erasure.Tombstone);
        if (records.Find(tombstone) is { } kept && (kept.Receipt is not null || !finished))
        {
            return;
        }

        records.Write(new ErasureRecord
        {
            ErasureId = erasure.ErasureId,
            Scope = erasure.Scope,
            Tombstone = tombstone,
            KeyCheck = Convert.ToHexStringLower(key.Check),
            RequestedAt = erasure.RequestedAt,
            Who = erasure.Who,
            Note = erasure.Note,
            Receipt = finished ? ErasureReceipt.Canonical(erasure) : null,
        });
    }
}
