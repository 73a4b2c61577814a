namespace CpfPipeline.Ingest.Fetching;

/// <summary>Fetches images by URI.</summary>
internal interface IImageFetcher
{
    /// <summary>The bytes, or why not. What is wrong with the image or its server is a value.</summary>
    /// <param name="uri">http, https or file URI.</param>
    /// <param name="feedFolder">Real path (see <see cref="RealPath"/>) of the folder of the operator's feed that names the URI, below which files may be read too; or null.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<FetchOutcome> FetchAsync(string uri, string? feedFolder, CancellationToken cancellationToken);
}
