using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Hosting.Access.Limits;

/// <summary>What the server takes at all, before it is known who asks.</summary>
/// <param name="limits">The number of connections.</param>
internal sealed class ServerLimits(IOptions<LimitOptions> limits) : IConfigureOptions<KestrelServerOptions>
{
    // Of a request whose endpoint says nothing else. The framework's 30 MB, of many requests at once, are gigabytes.
    private const long MaxBodyBytes = 1024 * 1024;

    /// <inheritdoc/>
    public void Configure(KestrelServerOptions options)
    {
        options.Limits.MaxRequestBodySize = MaxBodyBytes;
        options.Limits.MaxConcurrentConnections = limits.Value.Connections;
    }
}
