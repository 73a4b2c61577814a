using CpfPipeline.Data.Blobs;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>Removes contents that no live image has referred to for a while, step by step.</summary>
internal sealed class Collection(
    UnreferencedStore store, IBlobStore blobs, IOptions<IngestOptions> options, IngestMetrics metrics, ILogger<Collection> logger)
{
    private const int ContentsLookedAt = 20_000;

    // Contents per transaction. A submission of one of them waits for the transaction, in which the blob store is not asked.
    private const int ContentsRemoved = 100;

    private long _after = -1;

    /// <summary>Looks at the next contents and removes those that are due. Starts over after the last content.</summary>
    /// <returns>How many were removed.</returns>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        _after = await store.ScanAsync(_after, ContentsLookedAt, cancellationToken) ?? -1;
        var (contents, features, embeddings, matches) = (0L, 0L, 0L, 0L);
        long removed;
        do
        {
            var counts = await store.CollectAsync(
                options.Value.CollectAfter, ContentsRemoved, (sha256, token) => blobs.DeleteAsync(sha256, token), cancellationToken);
            removed = counts["contents"];
            contents += removed;
            features += counts.GetValueOrDefault("features");
            embeddings += counts.GetValueOrDefault("embeddings");
            matches += counts.GetValueOrDefault("matches");
            metrics.Collected(removed);
        }
        while (removed > 0);

        if (contents > 0)
        {
            Log.Collected(logger, contents, features, embeddings, matches);
        }

        return contents;
    }
}
