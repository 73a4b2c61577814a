using System.Collections.Concurrent;
using System.Globalization;
using System.Xml.Linq;
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

    /// <summary>The key that it knows.</summary>
    public const string AccessKey = "TESTKEY";

    /// <summary>Its secret.</summary>
    public const string Secret = "no secret at all";

    private static readonly string[] Kept = ["x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id"];
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

    /// <summary>Method and target of every request.</summary>
    public ConcurrentQueue<(string Method, string Target)> Requests { get; } = [];

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
        Requests.Enqueue((request.Method, target));
        var fault = Fault(request.Method, target);
        if (fault is { Hangs: true })
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        }

        if (fault is { Status: > 0 })
        {
            await RefuseAsync(response, fault.Status, fault.Code);
            return;
        }

        var path = request.Path.Value!.Split('/', 3);
        if (RequestSignature.WhyNot(request, body.ToArray(), AccessKey, KnownSecret) is { } why)
        {
            await RefuseAsync(response, why switch { "NotImplemented" => 501, "XAmzContentSHA256Mismatch" => 400, _ => 403 }, why);
        }
        else if (path[1] != BucketName)
        {
            await RefuseAsync(response, 404, "NoSuchBucket");
        }
        else if (path.Length == 2 || path[2].Length == 0)
        {
            await BucketAsync(request, response);
        }
        else
        {
            await ObjectAsync(context, path[2], body.ToArray(), fault);
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
        await (xml is null ? RefuseAsync(response, 501, "NotImplemented") : XmlAsync(response, xml));
    }

    private async Task ObjectAsync(HttpContext context, string key, byte[] body, FakeFault? fault)
    {
        var (request, response, query) = (context.Request, context.Response, context.Request.Query);
        Func<Task> answer = (request.Method, query["uploadId"].ToString()) switch
        {
            ("PUT", { Length: > 0 } upload) => Part(response, upload, int.Parse(query["partNumber"]!, CultureInfo.InvariantCulture), body),
            ("POST", { Length: > 0 } upload) => Complete(response, upload, body),
            ("DELETE", { Length: > 0 } upload) => Bucket.Abort(upload)
                ? () => StatusAsync(response, 204) : () => RefuseAsync(response, 404, "NoSuchUpload"),
            ("POST", _) when query.ContainsKey("uploads") => Begin(response, key, HeadersOf(request)),
            ("PUT", _) => Put(request, response, key, body),
            ("DELETE", _) => Delete(response, key, query["versionId"].ToString()),
            ("GET" or "HEAD", _) => () => GetAsync(context, key, fault?.CutAfter),
            _ => () => RefuseAsync(response, 501, "NotImplemented"),
        };
        if (fault is { LosesAnswer: true })
        {
            context.Abort();
            return;
        }

        await answer();
    }

    private Func<Task> Put(HttpRequest request, HttpResponse response, string key, byte[] body)
    {
        var headers = HeadersOf(request);
        if (request.Headers["x-amz-copy-source"].ToString() is not { Length: > 0 } source)
        {
            var put = Bucket.Put(key, body, headers);
            return () => WrittenAsync(response, put, "");
        }

        var from = Uri.UnescapeDataString(source).TrimStart('/').Split('/', 2)[1];
        if (Bucket.Find(from) is not { Bytes: { } bytes })
        {
            return () => RefuseAsync(response, 404, "NoSuchKey");
        }

        if (from == key && request.Headers["x-amz-metadata-directive"] != "REPLACE")
        {
            return () => RefuseAsync(response, 400, "InvalidRequest");
        }

        var copy = Bucket.Put(key, bytes, headers);
        return () => WrittenAsync(
            response, copy, $"<CopyObjectResult><LastModified>{FakeListing.Time(copy.WrittenAt)}</LastModified>"
                + $"<ETag>{FakeListing.Text(copy.ETag)}</ETag></CopyObjectResult>");
    }

    private Func<Task> Begin(HttpResponse response, string key, IReadOnlyDictionary<string, string> headers)
    {
        var upload = Bucket.Begin(key, headers);
        return () => XmlAsync(response, "<InitiateMultipartUploadResult>"
            + $"<Key>{FakeListing.Text(key)}</Key><UploadId>{upload.UploadId}</UploadId></InitiateMultipartUploadResult>");
    }

    private Func<Task> Part(HttpResponse response, string upload, int number, byte[] body)
    {
        var tag = Bucket.Take(upload, number, body);
        return () =>
        {
            response.Headers.ETag = tag;
            return tag is null ? RefuseAsync(response, 404, "NoSuchUpload") : StatusAsync(response, 200);
        };
    }

    private Func<Task> Complete(HttpResponse response, string upload, byte[] body)
    {
        var parts = XDocument.Load(new MemoryStream(body)).Root!.Elements().Select(part => (
            int.Parse(part.Elements().Single(e => e.Name.LocalName == "PartNumber").Value, CultureInfo.InvariantCulture),
            part.Elements().Single(e => e.Name.LocalName == "ETag").Value)).ToList();
        var made = Bucket.Complete(upload, parts, out var fault);
        return () => made is null ? RefuseAsync(response, fault == "NoSuchUpload" ? 404 : 400, fault)
            : WrittenAsync(response, made, $"<CompleteMultipartUploadResult><Key>{FakeListing.Text(made.Key)}</Key>"
                + $"<ETag>{FakeListing.Text(made.ETag)}</ETag></CompleteMultipartUploadResult>");
    }

    private Func<Task> Delete(HttpResponse response, string key, string versionId)
    {
        var mark = Bucket.Find(key, versionId.Length > 0 ? versionId : null) is { Bytes: null } found && versionId.Length > 0 ? found : null;
        if (versionId.Length > 0)
        {
            Bucket.Delete(key, versionId);
        }
        else
        {
            mark = Bucket.Delete(key);
        }

        return () =>
        {
            if (mark is not null)
            {
                (response.Headers["x-amz-delete-marker"], response.Headers["x-amz-version-id"]) = ("true", mark.VersionId);
            }

            return StatusAsync(response, 204);
        };
    }

    private async Task GetAsync(HttpContext context, string key, int? cutAfter)
    {
        var (request, response) = (context.Request, context.Response);
        if (Bucket.Find(key, request.Query["versionId"].ToString() is { Length: > 0 } version ? version : null) is not { Bytes: { } bytes } found)
        {
            await RefuseAsync(response, 404, "NoSuchKey");
            return;
        }

        var (from, to) = (0L, bytes.Length - 1L);
        if (request.GetTypedHeaders().Range is { } range)
        {
            (from, to) = (range.Ranges.Single().From!.Value, range.Ranges.Single().To!.Value);
            response.StatusCode = 206;
            response.Headers.ContentRange = FormattableString.Invariant($"bytes {from}-{to}/{bytes.Length}");
        }

        response.Headers.ETag = found.ETag;
        response.Headers.LastModified = found.WrittenAt.UtcDateTime.ToString("R", CultureInfo.InvariantCulture);
        if (Bucket.Versioning is not null)
        {
            response.Headers["x-amz-version-id"] = found.VersionId;
        }

        response.ContentLength = to - from + 1;
        if (request.Method == "GET")
        {
            var answered = bytes.AsMemory((int)from, (int)(to - from + 1));
            await response.Body.WriteAsync(cutAfter is { } cut ? answered[..Math.Min(cut, answered.Length)] : answered, context.RequestAborted);
            if (cutAfter is not null)
            {
                await response.Body.FlushAsync(context.RequestAborted);
                context.Abort();
            }
        }
    }

    private static Dictionary<string, string> HeadersOf(HttpRequest request) =>
        Kept.Where(request.Headers.ContainsKey).ToDictionary(name => name, name => request.Headers[name].ToString());

    private Task WrittenAsync(HttpResponse response, FakeVersion written, string xml)
    {
        response.Headers.ETag = written.ETag;
        if (Bucket.Versioning is not null)
        {
            response.Headers["x-amz-version-id"] = written.VersionId;
        }

        return xml.Length > 0 ? XmlAsync(response, xml) : StatusAsync(response, 200);
    }

    private static Task StatusAsync(HttpResponse response, int status)
    {
        response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static Task RefuseAsync(HttpResponse response, int status, string code)
    {
        response.StatusCode = status;
        return response.HttpContext.Request.Method == "HEAD" || code.Length == 0 ? Task.CompletedTask
            : XmlAsync(response, $"<Error><Code>{code}</Code><Message>told nobody</Message></Error>");
    }

    private static Task XmlAsync(HttpResponse response, string xml)
    {
        response.ContentType = "application/xml";
        return response.WriteAsync(xml);
    }
}
