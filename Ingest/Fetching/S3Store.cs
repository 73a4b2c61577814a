using Amazon;
using Amazon.S3;
using CpfPipeline.Data.Objects;
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
    private readonly SdkConnections _connections;

    public S3Store(IOptions<IngestOptions> options, GuardedConnector connector)
    {
        var endpoint = options.Value.S3.Endpoint is { Length: > 0 } address ? new Uri(address) : null;
        _connections = new SdkConnections(connector.NewHandler(
            mayBePrivate: host => host.Host == endpoint?.IdnHost && host.Port == endpoint.Port, adjust: _ => { }));

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
}
