using System.Security.Cryptography;
using CpfPipeline.Contracts;
using CpfPipeline.Data;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest;

/// <summary>Fetches the bytes of one image, checks their header, and stores them as a blob under their hash.</summary>
internal sealed class ContentIntake(
    IImageFetcher fetcher, IBlobStore blobs, TombstoneStore tombstones, IOptions<IngestOptions> options, IngestMetrics metrics)
{
    private readonly IngestOptions _options = options.Value;

    /// <summary>The change that the entry asks for. Its bytes are in the blob store, or they are refused.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="someErased">Whether any content was ever erased. If not, the look-up of the hash is skipped.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ImageChange> TakeAsync(ImageEntry entry, bool someErased, CancellationToken cancellationToken)
    {
        if (entry.Reason is not null)
        {
            return entry.ToRejection(entry.Reason, entry.Detail);
        }

        var bytes = entry.Bytes;
        if (bytes is null)
        {
            var fetched = await fetcher.FetchAsync(entry.Uri, entry.FeedFolder, cancellationToken);
            if (fetched.Bytes is null)
            {
                return entry.ToRejection(fetched.Reason!, fetched.Detail);
            }

            bytes = fetched.Bytes;
        }

        metrics.Fetched(bytes.Length);
        var sniffed = HeaderSniffer.Sniff(bytes, _options);
        if (sniffed.Image is not { } image)
        {
            return entry.ToRejection(sniffed.Reason!, sniffed.Detail);
        }

        var sha256 = SHA256.HashData(bytes);
        if (someErased && await tombstones.IsErasedAsync(sha256, cancellationToken))
        {
            await blobs.DeleteAsync(sha256, cancellationToken); // A crash may have left them.
            return entry.ToRejection(RejectReasons.Erased, "The content was erased and may not come back.") with
            {
                Uri = "", ProductKey = null, KeyScope = "source",
            };
        }

        await blobs.WriteAsync(sha256, bytes, cancellationToken);
        return entry.ToChange(ImageState.Stored) with
        {
            Content = new ContentFacts(sha256, image.Format, image.Width, image.Height, bytes.Length),
        };
    }
}
