namespace CpfPipeline.Ingest.Fetching;

/// <summary>Fetches images by URI.</summary>
internal interface IImageFetcher
{
    /// <summary>The bytes, or the reason for the failure. A fault of the image or its server is a value, not an exception.</summary>
    /// <param name="uri">http, https, file or s3 URI.</param>
    /// <param name="source">The source whose image it is.</param>
    /// <param name="feedFolder">
    /// Real path (see <see cref="RealPath"/>) of the folder of the operator's feed, below which files may be read; or null.
    /// </param>
    /// <param name="patience">Maximum time to wait for another host.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<FetchOutcome> FetchAsync(
        string uri, string source, string? feedFolder, TimeSpan patience, CancellationToken cancellationToken);
}
