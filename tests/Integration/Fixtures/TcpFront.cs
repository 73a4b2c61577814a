using System.Net;
using System.Net.Sockets;

namespace CpfPipeline.Tests.Integration.Fixtures;

/// <summary>Stands in front of a real server on a port of its own, and serves each connection as its kind does.</summary>
public abstract class TcpFront : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _accepting;

    /// <summary>Listens from now on. Nobody knows the port before the constructor ends.</summary>
    protected TcpFront()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Port on the loopback address that clients connect to.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Cancelled when it is disposed.</summary>
    protected CancellationToken Stopped => _stopped.Token;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Stop();
        EndConnections();
        await _accepting;
        _stopped.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Serves one connection to its end. It must not throw when either side has gone.</summary>
    protected abstract Task ServeAsync(TcpClient client);

    /// <summary>Ends what <see cref="Stopped"/> does not end.</summary>
    protected virtual void EndConnections()
    {
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopped.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException || Stopped.IsCancellationRequested)
        {
            // A listener that was stopped while a connection was just accepted throws InvalidOperationException on the next call.
            await Task.WhenAll(serving);
        }
    }
}
