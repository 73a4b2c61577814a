using CpfPipeline.Data.Blobs;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>Removes, step by step, blobs without a row: a crash between the blob and its row leaves such a one, and nothing else would ever find it.</summary>
internal sealed class BlobSweep(UnreferencedStore store, IBlobStore blobs, IOptions<IngestOptions> options, TimeProvider time, IngestMetrics metrics)
{
    // A transaction holds this many.
    private const int BlobsLookedUp = 1_000;

    // A model's files are written minutes before their rows, and no lock tells of them.
    private static readonly TimeSpan LeastAge = TimeSpan.FromHours(1);

    private byte _next;

    /// <summary>Looks at the next 256th of the blob store, and removes what nobody has written since <see cref="IngestOptions.CollectAfter"/>, an hour at least, and nothing refers to.</summary>
    /// <returns>How many were removed.</returns>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        // Whatever comes of it: what cannot be read or removed must not keep the rest from being looked at.
        var part = _next++;
        var before = time.GetUtcNow() - (options.Value.CollectAfter > LeastAge ? options.Value.CollectAfter : LeastAge);
        var removed = 0L;
        foreach (var some in blobs.List(part).Where(b => b.WrittenAt < before).Chunk(BlobsLookedUp))
        {
            // Written anew since it was listed: somebody is about to make a row for it.
            removed += await store.SweepAsync(
                [.. some.Select(b => b.Sha256).Distinct(BytesComparer.Instance)], (sha256, token) => blobs.DeleteOlderAsync(sha256, before, token), cancellationToken);
        }

        metrics.Swept(removed);
        return removed;
    }
}
