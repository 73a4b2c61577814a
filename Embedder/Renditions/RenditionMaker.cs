using CpfPipeline.Data.Blobs;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Embedder.Renditions;

/// <summary>
/// Makes renditions when somebody asks for them, not when a content is embedded: one of a photograph of 1,200 px takes 16 ms (320 px) or
/// 41 ms (960 px) of a core, which is as much as embedding it, and most pictures of a catalogue are never looked at.
/// </summary>
internal sealed class RenditionMaker(
    RenditionStore store, IBlobStore blobs, ThumbnailMaker thumbnails, IOptions<EmbedderOptions> options, EmbedderMetrics metrics,
    ILogger<RenditionMaker> logger)
{
    private readonly int _parallelism = options.Value.EffectiveWorkers;

    /// <summary>Makes what is missing. What cannot be made is logged: a picture that is refused gets no rendition.</summary>
    /// <param name="wanted">Which renditions of which contents; the same may come twice.</param>
    /// <param name="cancellationToken">Cancels; some are made then.</param>
    public async Task MakeAsync(IReadOnlyCollection<WantedRendition> wanted, CancellationToken cancellationToken)
    {
        var stored = await store.ReadStoredAsync([.. wanted.Select(w => w.ContentId).Distinct()], cancellationToken);
        var possible = wanted.Distinct().Where(w => stored.ContainsKey(w.ContentId) && Rendition.All.Contains(w.Rendition));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(possible, parallel, async (w, token) => await MakeAsync(w, stored[w.ContentId], token));
    }

    private async Task MakeAsync(WantedRendition wanted, byte[] sha256, CancellationToken cancellationToken)
    {
        if (await thumbnails.MakeAsync(wanted.Rendition, token => ReadMissingAsync(wanted, sha256, token), cancellationToken)
            is not var (outcome, webp))
        {
            return;
        }

        if (!outcome.IsOk)
        {
            Log.NoRendition(logger, wanted.ContentId, wanted.Rendition, outcome.Reason);
            return;
        }

        if (await store.WriteWhileStoredAsync(
            wanted.ContentId, token => blobs.WriteRenditionAsync(sha256, wanted.Rendition, webp, token), cancellationToken))
        {
            metrics.RenditionMade(wanted.Rendition);
        }
    }

    // The picture's bytes; null when the rendition is there, or they are not.
    private async Task<byte[]?> ReadMissingAsync(WantedRendition wanted, byte[] sha256, CancellationToken cancellationToken)
    {
        await using (var made = await blobs.OpenAsync(sha256, wanted.Rendition, cancellationToken))
        {
            if (made is not null)
            {
                return null;
            }
        }

        try
        {
            return await blobs.ReadAsync(sha256, cancellationToken);
        }
        catch (BlobMissingException)
        {
            Log.NoRendition(logger, wanted.ContentId, wanted.Rendition, "its bytes are not there");
            return null; // Erased or collected in the meantime; the Embedder says elsewhere when blobs are lost.
        }
    }
}
