using System.Security.Cryptography;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Sniffing;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Intake;

/// <summary>One image's bytes: fetched, judged by their header, hashed and stored as a blob, then let go of.</summary>
internal sealed class ContentIntake(
    IImageFetcher fetcher, IBlobStore blobs, TombstoneStore tombstones, IOptions<IngestOptions> options, IngestMetrics metrics)
{
    private readonly IngestOptions _options = options.Value;

    /// <summary>The change the entry asks for, once its bytes are in the blob store or refused.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="someErased">Whether any content was erased, so that the bytes may be one of these.</param>
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
        return entry.ToChange(ImageState.Stored) with { Content = new ContentFacts(sha256, image.Format, image.Width, image.Height, bytes.Length) };
    }
}
