using System.Globalization;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;

namespace CpfPipeline.Tests.Integration.Fixtures.Objects;

/// <summary>Answers to requests for objects: whole ones, parts of them, and copies.</summary>
/// <param name="bucket">The bucket.</param>
internal sealed class FakeObjects(FakeBucket bucket)
{
    private static readonly string[] Kept = ["x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id"];

    public async Task AnswerAsync(HttpContext context, string key, byte[] body, FakeFault? fault)
    {
        var (request, response, query) = (context.Request, context.Response, context.Request.Query);
        Func<Task> answer = (request.Method, query["uploadId"].ToString()) switch
        {
            ("PUT", { Length: > 0 } upload) => Part(response, upload, int.Parse(query["partNumber"]!, CultureInfo.InvariantCulture), body),
            ("POST", { Length: > 0 } upload) => Complete(response, upload, body),
            ("DELETE", { Length: > 0 } upload) => bucket.Abort(upload)
                ? () => FakeAnswers.StatusAsync(response, 204) : () => FakeAnswers.RefuseAsync(response, 404, "NoSuchUpload"),
            ("POST", _) when query.ContainsKey("uploads") => Begin(response, key, HeadersOf(request)),
            ("PUT", _) => Put(request, response, key, body),
            ("DELETE", _) => Delete(response, key, query["versionId"].ToString()),
            ("GET" or "HEAD", _) => () => GetAsync(context, key, fault),
            _ => () => FakeAnswers.RefuseAsync(response, 501, "NotImplemented"),
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
            var put = bucket.Put(key, body, headers);
            return () => WrittenAsync(response, put, "");
        }

        var from = Uri.UnescapeDataString(source).TrimStart('/').Split('/', 2)[1];
        if (bucket.Find(from) is not { Bytes: { } bytes })
        {
            return () => FakeAnswers.RefuseAsync(response, 404, "NoSuchKey");
        }

        if (from == key && request.Headers["x-amz-metadata-directive"] != "REPLACE")
        {
            return () => FakeAnswers.RefuseAsync(response, 400, "InvalidRequest");
        }

        var copy = bucket.Put(key, bytes, headers);
        return () => WrittenAsync(
            response, copy, $"<CopyObjectResult><LastModified>{FakeListing.Time(copy.WrittenAt)}</LastModified>"
                + $"<ETag>{FakeListing.Text(copy.ETag)}</ETag></CopyObjectResult>");
    }

    private Func<Task> Begin(HttpResponse response, string key, IReadOnlyDictionary<string, string> headers)
    {
        var upload = bucket.Begin(key, headers);
        return () => FakeAnswers.XmlAsync(response, "<InitiateMultipartUploadResult>"
            + $"<Key>{FakeListing.Text(key)}</Key><UploadId>{upload.UploadId}</UploadId></InitiateMultipartUploadResult>");
    }

    private Func<Task> Part(HttpResponse response, string upload, int number, byte[] body)
    {
        var tag = bucket.Take(upload, number, body);
        return () =>
        {
            response.Headers.ETag = tag;
            return tag is null ? FakeAnswers.RefuseAsync(response, 404, "NoSuchUpload") : FakeAnswers.StatusAsync(response, 200);
        };
    }

    private Func<Task> Complete(HttpResponse response, string upload, byte[] body)
    {
        var parts = XDocument.Load(new MemoryStream(body)).Root!.Elements().Select(part => (
            int.Parse(part.Elements().Single(e => e.Name.LocalName == "PartNumber").Value, CultureInfo.InvariantCulture),
            part.Elements().Single(e => e.Name.LocalName == "ETag").Value)).ToList();
        var made = bucket.Complete(upload, parts, out var fault);
        return () => made is null ? FakeAnswers.RefuseAsync(response, fault == "NoSuchUpload" ? 404 : 400, fault)
            : WrittenAsync(response, made, $"<CompleteMultipartUploadResult><Key>{FakeListing.Text(made.Key)}</Key>"
                + $"<ETag>{FakeListing.Text(made.ETag)}</ETag></CompleteMultipartUploadResult>");
    }

    private Func<Task> Delete(HttpResponse response, string key, string versionId)
    {
        var mark = versionId.Length > 0 && bucket.Find(key, versionId) is { Bytes: null } found ? found : null;
        if (versionId.Length > 0)
        {
            bucket.Delete(key, versionId);
        }
        else
        {
            mark = bucket.Delete(key);
        }

        return () =>
        {
            if (mark is not null)
            {
                (response.Headers["x-amz-delete-marker"], response.Headers["x-amz-version-id"]) = ("true", mark.VersionId);
            }

            return FakeAnswers.StatusAsync(response, 204);
        };
    }

    private async Task GetAsync(HttpContext context, string key, FakeFault? fault)
    {
        var (request, response) = (context.Request, context.Response);
        var version = request.Query["versionId"].ToString() is { Length: > 0 } asked ? asked : null;
        if (bucket.Find(key, version) is not { Bytes: { } bytes } found)
        {
            await FakeAnswers.RefuseAsync(response, 404, "NoSuchKey");
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
        if (bucket.Versioning is not null)
        {
            response.Headers["x-amz-version-id"] = found.VersionId;
        }

        response.ContentLength = to - from + 1;
        if (request.Method == "GET")
        {
            var answered = bytes.AsMemory((int)from, (int)(to - from + 1));
            await response.Body.WriteAsync(
                fault?.CutAfter is { } cut ? answered[..Math.Min(cut, answered.Length)] : answered, context.RequestAborted);
            if (fault?.CutAfter is not null)
            {
                await response.Body.FlushAsync(context.RequestAborted);
                await fault.CutOnce;
                context.Abort();
            }
        }
    }

    private static Dictionary<string, string> HeadersOf(HttpRequest request) =>
        Kept.Where(request.Headers.ContainsKey).ToDictionary(name => name, name => request.Headers[name].ToString());

    private Task WrittenAsync(HttpResponse response, FakeVersion written, string xml)
    {
        response.Headers.ETag = written.ETag;
        if (bucket.Versioning is not null)
        {
            response.Headers["x-amz-version-id"] = written.VersionId;
        }

        return xml.Length > 0 ? FakeAnswers.XmlAsync(response, xml) : FakeAnswers.StatusAsync(response, 200);
    }
}
