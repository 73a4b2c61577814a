using System.Security.Cryptography;
using CpfPipeline.Data;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest;

/// <summary>One image's bytes: fetched, judged by their header, hashed and stored as a blob, then let go of.</summary>
internal sealed class ContentIntake(IImageFetcher fetcher, IBlobStore blobs, IOptions<IngestOptions> options, IngestMetrics metrics)
{
    private readonly IngestOptions _options = options.Value;

    /// <summary>The change the entry asks for, once its bytes are in the blob store or refused.</summary>
    public async Task<ImageChange> TakeAsync(ImageEntry entry, CancellationToken cancellationToken)
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
        await blobs.WriteAsync(sha256, bytes, cancellationToken);
        return entry.ToChange(ImageState.Stored) with { Content = new ContentFacts(sha256, image.Format, image.Width, image.Height, bytes.Length) };
    }
}
