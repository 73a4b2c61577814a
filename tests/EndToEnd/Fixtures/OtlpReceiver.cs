using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace CpfPipeline.Tests.EndToEnd.Fixtures;

/// <summary>Takes what services export by OTLP over HTTP, on this machine, and keeps it.</summary>
public sealed class OtlpReceiver : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<OtlpExport> _exports = [];

    /// <summary>Starts it.</summary>
    public OtlpReceiver()
    {
        Address = new Uri($"http://127.0.0.1:{FreePort()}/");
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _ = Task.Run(ReceiveAsync);
    }

    /// <summary>For <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
    public Uri Address { get; }

    /// <summary>Everything that came, in order.</summary>
    public IReadOnlyList<OtlpExport> Exports => [.. _exports];

    /// <summary>The spans of a trace.</summary>
    public IReadOnlyList<OtlpSpan> SpansOf(string traceId)
    {
        var id = Convert.FromHexString(traceId);
        return [.. Exports.Where(e => e.Path == "/v1/traces" && e.Body.AsSpan().IndexOf(id) >= 0)
            .SelectMany(e => OtlpSpan.ReadAll(e.Body)).Where(s => s.TraceId == traceId)];
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Close();

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task ReceiveAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or InvalidOperationException)
            {
                return; // Closed.
            }

            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            _exports.Enqueue(new OtlpExport(context.Request.Url!.AbsolutePath, body.ToArray()));
            context.Response.ContentType = "application/x-protobuf"; // An empty message: everything was taken.
            context.Response.Close();
        }
    }
}
