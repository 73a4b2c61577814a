using CpfPipeline.Ingest.Guard;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>
/// Downloads images over http and https, within limits of time and bytes. It makes one attempt; the caller decides about more.
/// </summary>
internal sealed class HttpFetcher(IOptions<IngestOptions> options, HostRule hosts, HttpExchange exchange, FetchAttempt attempt)
{
    // The formats that can be decoded, by name. Some servers answer image/* with formats that cannot.
    private const string Accepted = "image/jpeg, image/png, image/webp, image/gif, image/tiff, image/avif, */*;q=0.1";
    private readonly IngestOptions _options = options.Value;

    /// <summary>The bytes or the failure, after one attempt.</summary>
    /// <param name="uri">http or https.</param>
    /// <param name="source">The source whose image it is.</param>
    /// <param name="patience">Maximum time for the attempt.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<FetchOutcome> FetchAsync(Uri uri, string source, TimeSpan patience, CancellationToken cancellationToken)
    {
        // Before the host gets a gate: whoever submits can name any number of hosts.
        if (hosts.Check(uri) is { } refusal)
        {
            return FetchOutcome.Refuse(refusal.Reason, refusal.Detail);
        }

        return await attempt.MakeAsync(
            uri, source, patience,
            token => exchange.GetAsync(uri, headers => headers.Accept.ParseAdd(Accepted), ReadAsync, token), cancellationToken);
    }

    private async Task<FetchOutcome?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
        {
            return null;
        }

        var headers = response.Content.Headers;
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return await BoundedBody.ReadAsync(
            body, headers.ContentLength, headers.ContentEncoding, _options.MaxImageBytes, cancellationToken);
    }
}
