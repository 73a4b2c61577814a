using CpfPipeline.Vision.Decode;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Embedder.Renditions;

/// <summary>
/// Makes pictures for people, at most <see cref="EmbedderOptions.Workers"/> at once in the whole process, whoever asks: each decoded
/// picture takes its memory.
/// </summary>
internal sealed class ThumbnailMaker(IPictureDecoder decoder, IOptions<EmbedderOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _free = new(options.Value.EffectiveWorkers);

    /// <summary>Makes one.</summary>
    /// <param name="rendition">Its size: see <see cref="Rendition"/>.</param>
    /// <param name="read">
    /// Reads the picture's bytes, once it is its turn, so that those who wait hold none; null: it need not be made any more.
    /// </param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What came of decoding, and the WebP, which is empty when that failed; null when nothing was read.</returns>
    public async Task<(DecodeOutcome Outcome, byte[] WebP)?> MakeAsync(
        string rendition, Func<CancellationToken, Task<byte[]?>> read, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            if (await read(cancellationToken) is not { } bytes)
            {
                return null;
            }

            var outcome = decoder.Thumbnail(bytes, Rendition.MaxSide(rendition), out var webp);
            return (outcome, webp);
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();
}
