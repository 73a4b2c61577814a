using CpfPipeline.Data.Blobs;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>
/// Removes blobs without a row, step by step. A crash between writing a blob and its row leaves one, and nothing else would find it.
/// </summary>
internal sealed class BlobSweep(
    UnreferencedStore store, IBlobStore blobs, IOptions<IngestOptions> options, TimeProvider time, IngestMetrics metrics)
{
    // At once in the database; of those without a row fewer are held.
    private const int BlobsLookedUp = 1_000;

    // A model's files are written minutes before their rows, and no lock protects them in between.
    private static readonly TimeSpan MinAge = TimeSpan.FromHours(1);

    private byte _next;

    /// <summary>
    /// Looks at the next 256th of the blob store. Removes the blobs that no row refers to and that were last written longer ago than
    /// <see cref="IngestOptions.CollectAfter"/>, at least an hour.
    /// </summary>
    /// <returns>How many were removed.</returns>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        // The position advances first: a blob that cannot be read or removed must not block the others.
        var part = _next++;
        var before = time.GetUtcNow() - (options.Value.CollectAfter > MinAge ? options.Value.CollectAfter : MinAge);
        var removed = 0L;
        await foreach (var some in blobs.ListAsync(part, cancellationToken).Where(b => b.WrittenAt < before).Chunk(BlobsLookedUp))
        {
            // Written again since it was listed, so a transaction is about to insert a row for it.
            removed += await store.SweepAsync(
                [.. some.Select(b => b.Sha256).Distinct(BytesComparer.Instance)], (sha256, token) =>
                    blobs.DeleteOlderAsync(sha256, before, token), cancellationToken);
        }

        metrics.Swept(removed);
        return removed;
    }
}
