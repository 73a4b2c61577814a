using System.Collections.Concurrent;
using System.IO.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CpfPipeline.Tests.Integration.Ingest.Samples;

/// <summary>A server on this machine with pictures and feeds of them.</summary>
internal sealed class FeedServer : IAsyncDisposable
{
    private readonly WebApplication _server;

    private FeedServer(WebApplication server) => _server = server;

    public string Url => _server.Urls.Single();

    public Uri Address => new(Url);

    /// <summary>Text of the feed at <c>/feed.csv</c> and its relatives.</summary>
    public string Feed { get; set; } = "external_id,uri\na,1.gif\nb,/2.gif\n";

    /// <summary>Its ETag; null: none is sent.</summary>
    public string? Tag { get; set; } = "\"1\"";

    /// <summary>What is answered in place of the feed.</summary>
    public int Status { get; set; } = 200;

    /// <summary>Paths that were asked for, with the status of the answer.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    public static async Task<FeedServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var server = new FeedServer(builder.Build());
        server.Map();
        await server._server.StartAsync();
        return server;
    }

    public int Count(string path) => Asked.Count(a => a.StartsWith(path + " ", StringComparison.Ordinal));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private void Map()
    {
        _server.Use(async (context, next) =>
        {
            await next(context);
            Asked.Enqueue($"{context.Request.Path} {context.Response.StatusCode}");
        });
        _server.MapGet("/{n:int}.gif", (int n) => Results.Bytes(TestPictures.Gif(n)));
        _server.MapGet("/feed.csv", SendAsync);
        _server.MapGet("/feed", SendAsync);
        _server.MapGet("/feed.tsv", SendAsync);
        _server.MapGet("/gzip.csv", (HttpContext context) => PackedAsync(context, "gzip", Gzip));
        _server.MapGet("/br.csv", (HttpContext context) => PackedAsync(context, "br", s => new BrotliStream(s, CompressionLevel.Fastest)));
        _server.MapGet("/feed.csv.gz", (HttpContext context) => PackedAsync(context, null, Gzip));
        _server.MapGet("/lies.csv", (HttpContext context) =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.WriteAsync(Feed);
        });
        _server.MapGet("/latin.csv", (HttpContext context) =>
        {
            context.Response.ContentType = "text/csv; charset=iso-8859-1";
            var text = System.Text.Encoding.Latin1.GetBytes("external_id,uri\ngr\u00f6\u00dfe,/1.gif\n");
            return context.Response.Body.WriteAsync(text).AsTask();
        });
        _server.MapGet("/endless.csv", async (HttpResponse response, CancellationToken token) =>
        {
            while (!token.IsCancellationRequested)
            {
                await response.Body.WriteAsync(new byte[1000], token);
            }
        });
        _server.MapGet("/silent.csv", async (HttpResponse response, CancellationToken token) =>
        {
            await response.Body.WriteAsync(new byte[10], token);
            await response.Body.FlushAsync(token);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        });
        _server.MapGet("/cut.csv", async (HttpContext context) =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync(Feed);
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        _server.MapGet("/cut/gzip.csv", (HttpContext context) => PackedAsync(context, "gzip", Gzip, kept: .6));
        _server.MapGet("/cut/br.csv", (HttpContext context) =>
            PackedAsync(context, "br", s => new BrotliStream(s, CompressionLevel.NoCompression), kept: .6));
        _server.MapGet("/cut/deflate.csv", (HttpContext context) =>
            PackedAsync(context, "deflate", s => new DeflateStream(s, CompressionLevel.NoCompression), kept: .6));
        _server.MapGet("/to-metadata", () => Results.Redirect("http://169.254.169.254/feed.csv"));
        _server.MapGet("/moved", () => Results.Redirect("/feed.csv"));
        _server.MapGet("/page", () => Results.Content("<html><body>Please log in</body></html>", "text/html"));
    }

    private Task SendAsync(HttpContext context)
    {
        if (Status != 200)
        {
            context.Response.StatusCode = Status;
            return Task.CompletedTask;
        }

        if (Tag is not null)
        {
            context.Response.Headers.ETag = Tag;
        }

        if (Tag is not null && context.Request.Headers.IfNoneMatch == Tag)
        {
            context.Response.StatusCode = 304;
            return Task.CompletedTask;
        }

        return context.Response.WriteAsync(Feed);
    }

    private static GZipStream Gzip(Stream stream) => new(stream, CompressionLevel.Fastest);

    // kept: a server that was cut short itself, and tells nobody.
    private async Task PackedAsync(HttpContext context, string? coding, Func<Stream, Stream> pack, double kept = 1)
    {
        using var packed = new MemoryStream();
        await using (var stream = pack(packed))
        {
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(Feed));
        }

        context.Response.Headers.ContentEncoding = coding;
        var body = packed.ToArray();
        await context.Response.Body.WriteAsync(body.AsMemory(0, (int)(kept * body.Length)));
    }
}
