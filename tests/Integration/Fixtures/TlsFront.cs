using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace CpfPipeline.Tests.Integration.Fixtures;

/// <summary>
/// Encrypts connections in front of a real server, as its own TLS would: at once, or when a client of PostgreSQL asks for it.
/// </summary>
public sealed class TlsFront : TcpFront
{
    private const int SslRequest = 80877103;
    private readonly X509Certificate2 _certificate;
    private readonly Func<CancellationToken, Task<Stream>> _connect;
    private readonly bool _onRequest;
    private int _encrypted;

    /// <param name="certificate">What it shows to clients.</param>
    /// <param name="connect">Connects to the real server.</param>
    /// <param name="onRequest">Whether clients ask for encryption first, as those of PostgreSQL do.</param>
    public TlsFront(X509Certificate2 certificate, Func<CancellationToken, Task<Stream>> connect, bool onRequest)
    {
        (_certificate, _connect, _onRequest) = (certificate, connect, onRequest);
    }

    /// <summary>Connections over which a client has sent something after the handshake.</summary>
    public int Believed => Volatile.Read(ref _encrypted);

    protected override async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            client.NoDelay = true;
            var plain = client.GetStream();
            if (_onRequest)
            {
                await AgreeAsync(plain, Stopped);
            }

            await using var encrypted = new SslStream(plain);
            await encrypted.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = _certificate }, Stopped);
            var first = new byte[4096];
            var length = await encrypted.ReadAsync(first, Stopped);
            if (length == 0)
            {
                return;
            }

            Interlocked.Increment(ref _encrypted);
            await using var server = await _connect(Stopped);
            await server.WriteAsync(first.AsMemory(0, length), Stopped);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(Stopped);
            await Task.WhenAny(encrypted.CopyToAsync(server, over.Token), server.CopyToAsync(encrypted, over.Token));
            await over.CancelAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or AuthenticationException)
        {
            // The client has gone, or does not believe the certificate.
        }
    }

    private static async Task AgreeAsync(Stream plain, CancellationToken cancellationToken)
    {
        var request = new byte[8];
        while (true)
        {
            await plain.ReadExactlyAsync(request, cancellationToken);
            var agreed = BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(4)) == SslRequest;
            await plain.WriteAsync(agreed ? "S"u8.ToArray() : "N"u8.ToArray(), cancellationToken); // "N": no GSS encryption.
            if (agreed)
            {
                return;
            }
        }
    }
}
