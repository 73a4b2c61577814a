using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CpfPipeline.Tests.Integration.Trainer.Hub;

/// <summary>
/// A hub and the network that delivers for it, on this machine: one repository at one commit, small files from the hub itself, large ones
/// by a redirect to another host, with ranges.
/// </summary>
internal sealed class HubServer : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    public const string Token = "hf_secret";

    private readonly WebApplication _hub;
    private readonly WebApplication _delivery;

    private HubServer(WebApplication hub, WebApplication delivery) => (_hub, _delivery) = (hub, delivery);

    /// <summary>Path in the repository to bytes.</summary>
    public Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether files are for the owner of <see cref="Token"/> alone.</summary>
    public bool IsGated { get; set; }

    /// <summary>Bytes after which a delivery breaks off, as often as <see cref="Breaks"/> says.</summary>
    public int BreakAfter { get; set; }

    public int Breaks { get; set; }

    /// <summary>How many deliveries send nothing more after <see cref="BreakAfter"/> bytes, and leave the connection open.</summary>
    public int Stalls { get; set; }

    /// <summary>Whether deliveries always give the whole file.</summary>
    public bool IgnoresRanges { get; set; }

    /// <summary>Bytes that a delivery begins behind the one that was asked for.</summary>
    public int Shift { get; set; }

    /// <summary>Size that the hub announces in place of the file's; null: the file's.</summary>
    public long? ToldSize { get; set; }

    /// <summary>How many deliveries give other bytes than they should.</summary>
    public int Damaged { get; set; }

    /// <summary>How many answers of the hub are 503.</summary>
    public int Failures { get; set; }

    /// <summary>Every request: host's role, path, range, and whether it carried the token.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public Uri Endpoint => new(_hub.Urls.Single());

    public static async Task<HubServer> StartAsync()
    {
        // Another port of the same machine is another host to who looks at scheme, name and port.
        var server = new HubServer(Application(), Application());
        server._hub.Run(server.HubAsync);
        server._delivery.Run(server.DeliverAsync);
        await server._hub.StartAsync();
        await server._delivery.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _delivery.DisposeAsync();
    }

    private static WebApplication Application()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder.Build();
    }

    private async Task HubAsync(HttpContext http)
    {
        Note("hub", http);
        var path = http.Request.Path.Value!;
        if (Failures > 0)
        {
            Failures--;
            http.Response.StatusCode = 503;
        }
        else if (path == "/api/models/shop/net/revision/main" || path == $"/api/models/shop/net/revision/{Commit}")
        {
            await http.Response.WriteAsJsonAsync(new
            {
                sha = Commit,
                tags = new[] { "vision", "license:mit" },
                siblings = Files.Keys.Select(f => new { rfilename = f }),
            });
        }
        else if (path.StartsWith("/shop/net/resolve/" + Commit, StringComparison.Ordinal)
            && Files.TryGetValue(path[("/shop/net/resolve/" + Commit).Length..].TrimStart('/'), out var file))
        {
            await FileAsync(http, path, file);
        }
        else
        {
            http.Response.StatusCode = path.StartsWith("/api/models/hidden", StringComparison.Ordinal) ? 401 : 404;
        }
    }

    private async Task FileAsync(HttpContext http, string path, byte[] file)
    {
        if (IsGated && http.Request.Headers.Authorization != $"Bearer {Token}")
        {
            http.Response.StatusCode = 401;
            return;
        }

        http.Response.Headers["X-Repo-Commit"] = Commit;
        if (path.EndsWith(".json", StringComparison.Ordinal))
        {
            var blob = Encoding.ASCII.GetBytes($"blob {file.Length}\0").Concat(file).ToArray();
            http.Response.Headers.ETag = $"\"{Convert.ToHexStringLower(SHA1.HashData(blob))}\"";
            await http.Response.BodyWriter.WriteAsync(file);
            return;
        }

        http.Response.Headers["X-Linked-Etag"] = $"\"{Convert.ToHexStringLower(SHA256.HashData(file))}\"";
        http.Response.Headers["X-Linked-Size"] = (ToldSize ?? file.Length).ToString(CultureInfo.InvariantCulture);
        http.Response.Headers.ETag = "\"of-the-redirect\"";
        http.Response.Redirect($"{_delivery.Urls.Single()}/{path.Split('/', 6)[^1]}?signature=s");
    }

    private async Task DeliverAsync(HttpContext http)
    {
        Note("delivery", http);
        var file = Files[http.Request.Path.Value!.TrimStart('/')].ToArray();
        if (Damaged > 0)
        {
            Damaged--;
            file[^1] ^= 1;
        }

        var range = IgnoresRanges ? null : http.Request.GetTypedHeaders().Range?.Ranges.Single().From + Shift;
        if (range >= file.Length)
        {
            http.Response.StatusCode = 416;
            return;
        }

        var from = (int)(range ?? 0);
        if (range is not null)
        {
            http.Response.StatusCode = 206;
            http.Response.GetTypedHeaders().ContentRange = new(from, file.Length - 1, file.Length);
        }

        http.Response.ContentLength = file.Length - from;
        if (Stalls > 0)
        {
            Stalls--;
            await http.Response.Body.WriteAsync(file.AsMemory(from, BreakAfter));
            await http.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }

        if (Breaks > 0 && BreakAfter < file.Length - from)
        {
            Breaks--;
            await http.Response.Body.WriteAsync(file.AsMemory(from, BreakAfter));
            return; // Less than was announced: the connection ends after it.
        }

        await http.Response.Body.WriteAsync(file.AsMemory(from));
    }

    private void Note(string role, HttpContext http) => Requests.Enqueue(
        $"{role} {http.Request.Path} {http.Request.Headers.Range}{(http.Request.Headers.Authorization.Count > 0 ? " token" : "")}");
}
