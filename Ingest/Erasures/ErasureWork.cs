using CpfPipeline.Data.Blobs;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>Carries an erasure on from wherever it stands. Every step can be done again; a crash between two leaves the rest to the next look.</summary>
internal sealed class ErasureWork(ErasurePurge purge, IBlobStore blobs, IngestMetrics metrics, ILogger<ErasureWork> logger)
{
    /// <summary>Does what can be done now.</summary>
    /// <returns>Whether it is finished; if not, the Matcher still has to let the content go or subscribers have to be told.</returns>
    public async Task<bool> AdvanceAsync(Erasure erasure, CancellationToken cancellationToken)
    {
        // The bytes of an erased content are of no use to anybody from the first transaction on. Those of an erased image's content may be: another image
        // may come to use them, so they go with the rows, under the lock.
        if (erasure is { Scope: ErasureScope.Content, State: ErasureState.Unlinked, ContentId: { } contentId })
        {
            if (await purge.FindSha256Async(contentId, cancellationToken) is { } sha256)
            {
                await blobs.DeleteAsync(sha256, cancellationToken);
            }

            await purge.MarkDeletedAsync(erasure.ErasureId, cancellationToken);
        }

        if (!await purge.TryFinishAsync(erasure.ErasureId, (sha256, token) => blobs.DeleteAsync(sha256, token), cancellationToken))
        {
            return false;
        }

        metrics.Erased();
        Log.Erased(logger, erasure.ErasureId, erasure.Scope);
        return true;
    }
}
