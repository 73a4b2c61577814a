using System.Collections.Concurrent;
using CpfPipeline.Data.Objects;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CpfPipeline.Tests.Integration.Fixtures.Objects;

/// <summary>
/// A server that speaks S3, in this process: it checks signatures, keeps versions and parts, gives lists page by page, and fails as it is
/// told. One bucket, in the path.
/// </summary>
public sealed class FakeObjectStore : IAsyncDisposable
{
    /// <summary>Name of the bucket.</summary>
    public const string BucketName = "pictures";

    /// <summary>Length of the parts that its clients send: as short as S3 takes them.</summary>
    public const int PartBytes = 5 << 20;

    /// <summary>The key that it knows.</summary>
    public const string AccessKey = "TESTKEY";

    /// <summary>Its secret.</summary>
    public const string Secret = "no secret at all";

    private readonly WebApplication _server;

    private FakeObjectStore(WebApplication server) => _server = server;

    /// <summary>The secret that it takes for that of the key.</summary>
    public string KnownSecret { get; set; } = Secret;

    /// <summary>Where it is.</summary>
    public string Endpoint => _server.Urls.Single();

    /// <summary>What the keys of its tests begin with.</summary>
    public string Prefix => "cpf/";

    /// <summary>What it holds.</summary>
    public FakeBucket Bucket { get; } = new();

    /// <summary>Entries of a page, at most.</summary>
    public int PageSize { get; set; } = 1000;

    /// <summary>What goes wrong with a request, by method and target; null: nothing.</summary>
    public Func<string, string, FakeFault?> Fault { get; set; } = (_, _) => null;

    /// <summary>Method, target and range of every request.</summary>
    public ConcurrentQueue<(string Method, string Target, string Range)> Requests { get; } = [];

    public static async Task<FakeObjectStore> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        builder.Logging.ClearProviders();
        var server = builder.Build();
        var store = new FakeObjectStore(server);
        server.Run(store.AnswerAsync);
        await server.StartAsync();
        return store;
    }

    /// <summary>Settings of a client. The credentials are those of the environment.</summary>
    /// <param name="attempts">Tries.</param>
    public ObjectStoreOptions Options(int attempts = 4)
    {
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", AccessKey);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", Secret);
        Environment.SetEnvironmentVariable("AWS_EC2_METADATA_DISABLED", "true");
        return new ObjectStoreOptions
        {
            Bucket = BucketName, Prefix = Prefix, Endpoint = Endpoint, Attempts = attempts, Timeout = TimeSpan.FromSeconds(20),
            PartBytes = PartBytes,
        };
    }

    /// <summary>Lets a number of requests fail, then none.</summary>
    /// <param name="count">How many.</param>
    /// <param name="fault">How.</param>
    /// <param name="isMeant">Which, by method and target; null: all.</param>
    public void Fail(int count, FakeFault fault, Func<string, string, bool>? isMeant = null) => Fault = (method, target) =>
        (isMeant is null || isMeant(method, target)) && Interlocked.Decrement(ref count) >= 0 ? fault : null;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var body = new MemoryStream();
        await request.Body.CopyToAsync(body, context.RequestAborted);
        var target = request.Path + request.QueryString;
        Requests.Enqueue((request.Method, target, request.Headers.Range.ToString()));
        var fault = Fault(request.Method, target);
        if (fault is { Hangs: true })
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        }

        if (fault is { Status: > 0 })
        {
            await FakeAnswers.RefuseAsync(response, fault.Status, fault.Code);
            return;
        }

        var path = request.Path.Value!.Split('/', 3);
        if (RequestSignature.WhyNot(request, body.ToArray(), AccessKey, KnownSecret) is { } why)
        {
            await FakeAnswers.RefuseAsync(
                response, why switch { "NotImplemented" => 501, "XAmzContentSHA256Mismatch" => 400, _ => 403 }, why);
        }
        else if (path[1] != BucketName)
        {
            await FakeAnswers.RefuseAsync(response, 404, "NoSuchBucket");
        }
        else if (path.Length == 2 || path[2].Length == 0)
        {
            await BucketAsync(request, response);
        }
        else
        {
            await new FakeObjects(Bucket).AnswerAsync(context, path[2], body.ToArray(), fault);
        }
    }

    private async Task BucketAsync(HttpRequest request, HttpResponse response)
    {
        var lists = new FakeListing(Bucket, PageSize);
        var xml = request.Method != "GET" ? null
            : request.Query.ContainsKey("versioning")
                ? $"<VersioningConfiguration>{(Bucket.Versioning is { } v ? $"<Status>{v}</Status>" : "")}</VersioningConfiguration>"
            : request.Query.ContainsKey("versions") ? lists.Versions(request.Query)
            : request.Query.ContainsKey("uploads") ? lists.Uploads(request.Query)
            : request.Query["list-type"] == "2" ? lists.Objects(request.Query) : null;
        await (xml is null ? FakeAnswers.RefuseAsync(response, 501, "NotImplemented") : FakeAnswers.XmlAsync(response, xml));
    }
}
