using System.Net;
using System.Net.Sockets;

namespace CpfPipeline.Ingest.Guard;

/// <summary>Looks names up and connects.</summary>
internal interface INetwork
{
    /// <summary>The addresses of a name.</summary>
    /// <exception cref="SocketException">The name does not resolve.</exception>
    Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken);

    /// <summary>A connection, which the caller disposes.</summary>
    /// <exception cref="SocketException">Nothing answers.</exception>
    ValueTask<Stream> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken);
}
