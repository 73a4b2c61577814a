using System.Collections.Concurrent;
using System.Net.Http.Json;
using CpfPipeline.Ingest.Guard;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CpfPipeline.Tests.Integration.Ingest.Attacks;

/// <summary>The real service, after all vectors were submitted to it over HTTP, on a network that ends in this process.</summary>
public sealed class AttackedIngest(TestDatabases databases, TestBroker broker) : RunningIngest(databases, broker)
{
    private const string Source = "attacker";
    private const int MaxImageBytes = 100_000;
    private readonly Dictionary<string, string> _outcomes = [];
    private WebApplication? _server;
    private int _port;
    private ClosedNetwork? _network;

    internal ClosedNetwork Attacked => _network!;

    /// <summary>The headers of all requests that arrived anywhere, by name.</summary>
    public ConcurrentQueue<IReadOnlyDictionary<string, string>> Requests { get; } = [];

    /// <summary>What is told of all refusals.</summary>
    public string Details { get; private set; } = "";

    private protected override INetwork Network => _network ??= new ClosedNetwork(AttackTable.Names, () => _port);

    protected override IReadOnlyList<string> Settings =>
    [
        "--Ingest:MaxImageBytes", $"{MaxImageBytes}", "--Ingest:FetchAttempts", "2", "--Ingest:FetchBackoff", "00:00:00.01",
        "--Ingest:DeniedHosts:0", "denied.test", "--Ingest:DeniedHosts:1", "*.denied.test", "--Ingest:DeniedHosts:2", "8.8.4.4",
        "--Ingest:Nat64Prefixes:0", "2a00:64::/32", "--Ingest:Nat64Prefixes:1", "2a01:64:100::/40",
        "--Ingest:Nat64Prefixes:2", "2a02:64:1::/48", "--Ingest:Nat64Prefixes:3", "2a03:64:1:100::/56",
        "--Ingest:Nat64Prefixes:4", "2a04:64:1:1::/64", "--Ingest:Nat64Prefixes:5", "2a05:64:1:1:0:1::/96",
        "--Ingest:Nat64Prefixes:6", "fd00:64:64::/96",
        "--Ingest:S3:Buckets:0", "photos", "--Ingest:S3:Buckets:1", "feeds/incoming/",
        "--Ingest:S3:Endpoint", "http://objects.internal:9000",
    ];

    public override async ValueTask InitializeAsync()
    {
        StoreKeys.Set();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.Run(AnswerAsync);
        await _server.StartAsync();
        _port = new Uri(_server.Urls.Single()).Port;
        await base.InitializeAsync();

        var submissions = AttackTable.Vectors.Select(v => new { source = Source, external_id = $"{v.Number}", uri = v.Uri });
        using var answer = await Http.PostAsJsonAsync("/images", submissions);
        answer.EnsureSuccessStatusCode();
        await Until.TrueAsync(async () => await CountOpenAsync() == 0);
        foreach (var row in await Database.QueryAsync(
            "select external_id, case state when 'stored' then state else reject_reason end from cpf.images where source = $1", Source))
        {
            _outcomes[(string)row[0]!] = (string)row[1]!;
        }

        Details = await Database.ScalarAsync<string>("select string_agg(reject_detail, E'\\n') from cpf.images where source = $1", Source);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    internal string OutcomeOf(AttackVector vector) => _outcomes[$"{vector.Number}"];

    private async Task<long> CountOpenAsync() => AttackTable.Vectors.Count - await Database.ScalarAsync<long>(
        "select count(*) from cpf.images where source = $1 and state in ('stored', 'rejected')", Source);

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        Requests.Enqueue(request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase));
        var path = request.Path.Value!.Split('/');
        if (request.Host.Host == "objects.internal")
        {
            await ObjectAsync(request, response);
        }
        else if (path is [_, "redirect", var status])
        {
            // The next request needs a connection of its own, for which the name is looked up again.
            (response.StatusCode, response.Headers.Location, response.Headers.Connection) =
                (int.Parse(status, null), request.Query["to"], "close");
        }
        else if (path is [_, "codings"])
        {
            response.Headers.ContentEncoding = string.Join(", ", Enumerable.Repeat("gzip", 4000));
            await response.Body.WriteAsync(TestPictures.Gif(1));
        }
        else if (path is [_, "loop"])
        {
            (response.StatusCode, response.Headers.Location) = (302, "/loop");
        }
        else if (path is [_, "busy"])
        {
            (response.StatusCode, response.Headers.Connection) = (500, "close");
        }
        else
        {
            await response.Body.WriteAsync(request.Headers.ContainsKey("X-Evil") ? "no picture"u8.ToArray() : TestPictures.Gif(1));
        }
    }

    // What a store that speaks S3 answers, with the path as it came: what was decoded on the way must not lead elsewhere.
    private static async Task ObjectAsync(HttpRequest request, HttpResponse response)
    {
        var target = request.HttpContext.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
        var isSigned = request.Headers.Authorization.ToString().StartsWith("AWS4-HMAC-SHA256 Credential=", StringComparison.Ordinal);
        switch (target.Split('?')[0])
        {
            case "/photos/missing":
                response.StatusCode = 404;
                break;
            case "/photos/busy":
                response.StatusCode = 503;
                break;
            case "/photos/bad-key":
                response.StatusCode = 403;
                response.ContentType = "application/xml";
                await response.WriteAsync("<Error><Code>InvalidAccessKeyId</Code><Message>told nobody</Message></Error>");
                break;
            case "/photos/denied":
                response.StatusCode = 403;
                response.ContentType = "application/xml";
                await response.WriteAsync("<Error><Code>AccessDenied</Code><Message>told nobody</Message></Error>");
                break;
            case "/photos/large":
                response.ContentLength = MaxImageBytes + 1;
                await response.Body.WriteAsync(new byte[MaxImageBytes + 1]);
                break;
            case "/photos/to-metadata":
                (response.StatusCode, response.Headers.Location) = (307, "http://169.254.169.254/latest/meta-data/");
                break;
            case "/photos/to-nowhere":
                (response.StatusCode, response.Headers.Location) = (301, "no address");
                break;
            case "/photos/to-loopback":
                (response.StatusCode, response.Headers.Location) = (307, "http://127.0.0.1:9000/photos/a.gif");
                break;
            case "/photos/a.gif" or "/photos/a%20b%3Fc%23d%252e.gif" or "/photos/%252e%252e/x.gif" or "/feeds/incoming/a.gif" when isSigned:
                await response.Body.WriteAsync(TestPictures.Gif(1));
                break;
            default:
                response.StatusCode = 403;
                break;
        }
    }
}
