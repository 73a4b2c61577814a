using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>Chooses the fetcher by scheme.</summary>
internal sealed class SourceFetcher(FileFetcher files, HttpFetcher http, S3Fetcher objects) : IImageFetcher
{
    public Task<FetchOutcome> FetchAsync(
        string uri, string source, string? feedFolder, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (ImageUri.Check(uri) is { } refusal)
        {
            return Task.FromResult(FetchOutcome.Refuse(refusal.Reason, refusal.Detail));
        }

        return ImageUri.IsFile(uri)
            ? files.FetchAsync(uri, feedFolder, cancellationToken)
            : S3Address.IsS3(uri) ? objects.FetchAsync(uri, source, patience, cancellationToken)
            : Uri.TryCreate(uri, UriKind.Absolute, out var address)
                ? http.FetchAsync(address, source, patience, cancellationToken)
                : Task.FromResult(FetchOutcome.Refuse(RejectReasons.InvalidUri, "The URI cannot be parsed."));
    }
}
