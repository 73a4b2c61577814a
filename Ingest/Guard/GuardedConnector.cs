using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Guard;

/// <summary>
/// Opens connections to public addresses only. The address is checked when it is connected to. A name that resolves differently the second
/// time, or a redirect, therefore cannot evade the check.
/// </summary>
internal sealed class GuardedConnector(IOptions<IngestOptions> options, INetwork network)
{
    private static readonly TimeSpan PooledFor = TimeSpan.FromMinutes(2);
    private readonly IngestOptions _options = options.Value;
    private readonly HashSet<string> _allowed = new(options.Value.AllowedPrivateHosts, StringComparer.OrdinalIgnoreCase);
    private readonly Nat64Prefix[] _translators = [.. options.Value.Nat64Prefixes.Select(Nat64Prefix.TryParse).OfType<Nat64Prefix>()];

    /// <summary>
    /// What sends requests through these connections: straight to the host, with no cookies, to where the address says and no further.
    /// </summary>
    /// <param name="mayBePrivate">Whether an operator named the host, so that its address is not checked.</param>
    /// <param name="adjust">Sets what only the caller's requests need.</param>
    /// <returns>The handler, which the caller disposes.</returns>
    public HttpMessageHandler NewHandler(Func<DnsEndPoint, bool> mayBePrivate, Action<SocketsHttpHandler> adjust)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = _options.ConnectTimeout,
            PooledConnectionLifetime = PooledFor,
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(), // Traces are no business of other hosts.
            ConnectCallback = (context, token) => ConnectAsync(context.DnsEndPoint, mayBePrivate(context.DnsEndPoint), token),
        };
        adjust(handler);
        return new ForwardedHandler(handler);
    }

    // Resolves, checks unless an operator named the host, and connects.
    private async ValueTask<Stream> ConnectAsync(DnsEndPoint endPoint, bool mayBePrivate, CancellationToken cancellationToken)
    {
        var host = endPoint.Host.Trim('[', ']');
        var literal = IPAddress.TryParse(host, out var address) ? address : HostName.FindAddress(host);
        var addresses = literal is not null ? [literal] : await network.ResolveAsync(host, cancellationToken);
        if (!mayBePrivate && !_options.AllowPrivateAddresses && !_allowed.Contains(host))
        {
            // A zone belongs to this machine, so that an address with one is not public, whatever it is.
            addresses = host.Contains('%', StringComparison.Ordinal) ? [] : [.. addresses.Where(a => PublicAddress.Is(a, _translators))];
            if (addresses.Length == 0)
            {
                throw new PrivateAddressException(host);
            }
        }

        SocketException? last = null;
        foreach (var candidate in addresses)
        {
            try
            {
                return await network.ConnectAsync(new IPEndPoint(candidate, endPoint.Port), cancellationToken);
            }
            catch (SocketException e)
            {
                last = e;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }
}
