using Amazon.Runtime;

namespace CpfPipeline.Data.Objects;

/// <summary>Has a client of the AWS SDK use connections of ours: one pool for the client's life, which follows no redirects.</summary>
/// <param name="handler">Makes the requests; disposed with this.</param>
public sealed class SdkConnections(HttpMessageHandler handler) : HttpClientFactory, IDisposable
{
    private readonly HttpClient _client = new(new NoRedirects(handler)) { Timeout = Timeout.InfiniteTimeSpan }; // The caller cancels.

    /// <inheritdoc/>
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _client;

    /// <inheritdoc/>
    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    /// <inheritdoc/>
    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    // The SDK follows the locations of redirects by itself, wherever they lead, and throws at those it cannot read. Without one they are
    // errors like others.
    private sealed class NoRedirects(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            response.Headers.Remove("Location");
            return response;
        }
    }
}
