using CpfPipeline.Data.Blobs;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>
/// Continues an erasure from its last completed step. Every step can be repeated, so a crash leaves the rest to the next run.
/// </summary>
internal sealed class ErasureWork(ErasurePurge purge, IBlobStore blobs, IngestMetrics metrics, ILogger<ErasureWork> logger)
{
    /// <summary>Does the steps that are possible now.</summary>
    /// <returns>Whether it is finished. If not, the Matcher still holds the content, or subscribers have not been told yet.</returns>
    public async Task<bool> AdvanceAsync(Erasure erasure, CancellationToken cancellationToken)
    {
        // Nobody may use the bytes of an erased content after the first transaction. Another image may still come to use the bytes of an
        // erased image's content, so these are deleted after the rows, and only when no row has come since.
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
