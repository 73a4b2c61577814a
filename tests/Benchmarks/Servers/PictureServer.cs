using System.Net;
using System.Net.Sockets;

namespace CpfPipeline.Tests.Benchmarks.Servers;

/// <summary>Gives pictures over HTTP on this machine: of <c>/7?x</c> the seventh, whatever follows the question mark.</summary>
internal sealed class PictureServer : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly byte[][] _pictures;
    private readonly Task _serving;
    private long _requests;

    public PictureServer(byte[][] pictures)
    {
        _pictures = pictures;
        Address = $"http://127.0.0.1:{FreePort()}";
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Address without a slash at its end.</summary>
    public string Address { get; }

    /// <summary>Requests so far.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Close();
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            var context = await _listener.GetContextAsync();
            Interlocked.Increment(ref _requests);
            var number = context.Request.Url!.AbsolutePath.AsSpan(1);
            var picture = _pictures[int.Parse(number, System.Globalization.CultureInfo.InvariantCulture)];
            context.Response.ContentLength64 = picture.Length;
            await context.Response.OutputStream.WriteAsync(picture);
            context.Response.Close();
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
