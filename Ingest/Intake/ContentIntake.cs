using System.Security.Cryptography;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Sniffing;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Intake;

/// <summary>Fetches the bytes of one image, checks their header, and stores them as a blob under their hash.</summary>
internal sealed class ContentIntake(
    IImageFetcher fetcher, IBlobStore blobs, TombstoneStore tombstones, IOptions<IngestOptions> options, IngestMetrics metrics,
    TimeProvider time)
{
    /// <summary>What is said of bytes that were erased.</summary>
    internal const string ContentErased = "The content was erased and may not come back.";

    private readonly IngestOptions _options = options.Value;

    /// <summary>
    /// The change that the entry asks for, once its bytes are in the blob store or refused; or why they cannot be had yet.
    /// </summary>
    /// <param name="entry">The entry.</param>
    /// <param name="someErased">Whether any content was ever erased. If not, the look-up of the hash is skipped.</param>
    /// <param name="patience">Maximum time to wait for another host.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<(ImageChange? Change, FetchOutcome? NotYet)> TakeAsync(
        ImageEntry entry, bool someErased, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = time.GetUtcNow();
        var bytes = entry.Bytes;
        if (bytes is null)
        {
            var fetched = await fetcher.FetchAsync(entry.Uri, entry.Source, entry.FeedFolder, patience, cancellationToken);
            metrics.FetchFailed(fetched);
            if (fetched.MayRecover)
            {
                return (null, fetched);
            }

            if (fetched.Bytes is null)
            {
                return (entry.ToRejection(fetched.Reason!, fetched.Detail), null);
            }

            bytes = fetched.Bytes;
        }

        var change = await StoreAsync(entry, bytes, someErased, cancellationToken);
        return (change with { FetchedAt = began }, null);
    }

    private async Task<ImageChange> StoreAsync(ImageEntry entry, byte[] bytes, bool someErased, CancellationToken cancellationToken)
    {
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
            return entry.ToRejection(RejectReasons.Erased, ContentErased) with
            {
                Uri = "", ProductKey = null, KeyScope = ProductKeyScope.Source,
            };
        }

        var replaced = await blobs.WriteAsync(sha256, bytes, cancellationToken);
        return entry.ToChange(ImageState.Stored) with
        {
            Content = new ContentFacts(sha256, image.Format, image.Width, image.Height, bytes.Length) { ReplacesDamaged = replaced },
        };
    }
}
