using System.Collections.Concurrent;
using System.Net.Sockets;

namespace CpfPipeline.Tests.Integration.Fixtures;

/// <summary>
/// A wire between a client and a server that can be cut (both sides see the end of the connection), or go silent (bytes are held
/// back and come through later), as a network does.
/// </summary>
public sealed class CutWire : TcpFront
{
    private readonly ConcurrentDictionary<TcpClient, TcpClient> _open = new();
    private readonly string _host;
    private readonly int _port;
    private volatile bool _refuses;
    private TaskCompletionSource _flows = Flowing();

    /// <param name="host">Where the server is.</param>
    /// <param name="port">Its port.</param>
    public CutWire(string host, int port) => (_host, _port) = (host, port);

    /// <summary>Whether something was sent since it went silent.</summary>
    public bool HoldsBack { get; private set; }

    /// <summary>Ends all connections; with <paramref name="refuse"/> also every new one, until <see cref="Mend"/>.</summary>
    public void Cut(bool refuse = false)
    {
        _refuses = refuse;
        foreach (var client in _open.Keys)
        {
            if (_open.TryRemove(client, out var server))
            {
                client.Dispose();
                server.Dispose();
            }
        }
    }

    /// <summary>Lets nothing through, and keeps the connections.</summary>
    public void Silence()
    {
        HoldsBack = false;
        _flows = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Lets everything through again, what was held back first.</summary>
    public void Mend()
    {
        _refuses = false;
        _flows.TrySetResult();
    }

    /// <inheritdoc/>
    protected override void EndConnections()
    {
        _flows.TrySetResult();
        Cut(refuse: true);
    }

    private static TaskCompletionSource Flowing()
    {
        var flows = new TaskCompletionSource();
        flows.SetResult();
        return flows;
    }

    protected override async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        using var server = new TcpClient { NoDelay = true };
        try
        {
            client.NoDelay = true;
            client.LingerState = new LingerOption(true, 0); // A reset, as when a network breaks.
            if (_refuses)
            {
                return;
            }

            await server.ConnectAsync(_host, _port, Stopped);
            _open[client] = server;
            await Task.WhenAny(CopyAsync(client, server), CopyAsync(server, client));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException
            or InvalidOperationException)
        {
            // Either side has gone: so does the other.
        }
        finally
        {
            _open.TryRemove(client, out TcpClient? _);
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to)
    {
        var buffer = new byte[64 * 1024];
        var source = from.GetStream();
        var target = to.GetStream();
        while (await source.ReadAsync(buffer, Stopped) is > 0 and var count)
        {
            HoldsBack |= !_flows.Task.IsCompleted;
            await _flows.Task.WaitAsync(Stopped);
            await target.WriteAsync(buffer.AsMemory(0, count), Stopped);
        }
    }
}
