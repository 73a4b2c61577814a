using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using CpfPipeline.Ingest.Guard;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>
/// The store at which <c>s3://</c> addresses are looked up. It connects to public addresses only, unless the operator named the endpoint.
/// </summary>
internal sealed class S3Store : IDisposable
{
    private const string DefaultRegion = "us-east-1";
    private readonly Lazy<AmazonS3Client> _client;
    private readonly ConnectionSource _connections;

    public S3Store(IOptions<IngestOptions> options, GuardedConnector connector)
    {
        _connections = new ConnectionSource(options.Value.S3, connector);

        // Credentials are looked for when the first image is asked for, not before.
        _client = new Lazy<AmazonS3Client>(() => new AmazonS3Client(Configure(options.Value.S3)));
    }

    /// <summary>The client. It makes one attempt at a request.</summary>
    public IAmazonS3 Client => _client.Value;

    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }

        _connections.Dispose();
    }

    private AmazonS3Config Configure(S3Options options)
    {
        var config = new AmazonS3Config
        {
            HttpClientFactory = _connections,
            MaxErrorRetry = 0,
            IgnoreConfiguredEndpointUrls = true, // Only our own setting may send requests elsewhere.
        };
        if (options.Endpoint.Length > 0)
        {
            (config.ServiceURL, config.ForcePathStyle) = (options.Endpoint, true);
            config.AuthenticationRegion = options.Region.Length > 0 ? options.Region : DefaultRegion;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        }

        return config;
    }

    // One pool of connections for the client's life.
    private sealed class ConnectionSource : HttpClientFactory, IDisposable
    {
        private readonly HttpClient _client;

        public ConnectionSource(S3Options options, GuardedConnector connector)
        {
            var endpoint = options.Endpoint.Length > 0 ? new Uri(options.Endpoint) : null;
            var handler = connector.NewHandler(
                mayBePrivate: host => host.Host == endpoint?.IdnHost && host.Port == endpoint.Port, adjust: _ => { });
            _client = new HttpClient(new NoRedirects(handler)) { Timeout = Timeout.InfiniteTimeSpan }; // The caller cancels.
        }

        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _client;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

        public void Dispose() => _client.Dispose();
    }

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
