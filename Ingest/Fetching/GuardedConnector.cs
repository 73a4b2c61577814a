using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>
/// Opens connections to public addresses only. The address is checked when it is connected to. A name that resolves differently the second
/// time, or a redirect, therefore cannot evade the check.
/// </summary>
internal sealed class GuardedConnector(IOptions<IngestOptions> options)
{
    private readonly IngestOptions _options = options.Value;
    private readonly HashSet<string> _allowed = new(options.Value.AllowedPrivateHosts, StringComparer.OrdinalIgnoreCase);

    /// <summary>Resolves, checks and connects.</summary>
    /// <exception cref="PrivateAddressException">No address is public, and the host is not allowed to be private.</exception>
    /// <exception cref="SocketException">The name does not resolve, or nothing answers.</exception>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint endPoint, CancellationToken cancellationToken)
    {
        var host = endPoint.Host.Trim('[', ']');
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        if (!_options.AllowPrivateAddresses && !_allowed.Contains(host))
        {
            addresses = [.. addresses.Where(PublicAddress.Is)];
            if (addresses.Length == 0)
            {
                throw new PrivateAddressException(host);
            }
        }

        Exception? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, endPoint.Port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                last = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }
}
