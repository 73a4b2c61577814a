using System.Globalization;
using System.Security;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace CpfPipeline.Tests.Integration.Fixtures.Objects;

/// <summary>The lists of a bucket as S3 gives them, page by page.</summary>
/// <param name="bucket">The bucket.</param>
/// <param name="maxKeys">Entries of a page, at most.</param>
internal sealed class FakeListing(FakeBucket bucket, int maxKeys)
{
    public string Objects(IQueryCollection query)
    {
        var (prefix, max) = (query["prefix"].ToString(), MaxOf(query, "max-keys"));
        var after = Encoding.UTF8.GetString(Convert.FromHexString(query["continuation-token"].ToString()));
        var page = bucket.Currents().Where(v => v.Key.StartsWith(prefix, StringComparison.Ordinal)
            && string.CompareOrdinal(v.Key, after) > 0).Take(max + 1).ToList();
        var next = page.Count > max ? Convert.ToHexString(Encoding.UTF8.GetBytes(page[max - 1].Key)) : null;
        return Xml("ListBucketResult", page.Take(max).Select(v =>
            $"<Contents><Key>{Text(v.Key)}</Key><LastModified>{Time(v.WrittenAt)}</LastModified><ETag>{Text(v.ETag)}</ETag>"
            + $"<Size>{v.Bytes!.Length}</Size></Contents>"), next is null ? "" : $"<NextContinuationToken>{next}</NextContinuationToken>");
    }

    public string Versions(IQueryCollection query)
    {
        var (prefix, max) = (query["prefix"].ToString(), MaxOf(query, "max-keys"));
        var (key, version) = (query["key-marker"].ToString(), query["version-id-marker"].ToString());
        var number = version.Length > 0 ? bucket.NumberOf(key, version) : 0;
        var page = bucket.Versions.Where(v => v.Key.StartsWith(prefix, StringComparison.Ordinal)
            && (string.CompareOrdinal(v.Key, key) > 0 || (v.Key == key && v.Number < number))).Take(max + 1).ToList();
        return Xml("ListVersionsResult", page.Take(max).Select(Entry), page.Count <= max ? ""
            : $"<NextKeyMarker>{Text(page[max - 1].Key)}</NextKeyMarker>"
                + $"<NextVersionIdMarker>{page[max - 1].VersionId}</NextVersionIdMarker>");
    }

    public string Uploads(IQueryCollection query)
    {
        var (prefix, max) = (query["prefix"].ToString(), MaxOf(query, "max-uploads"));
        var (key, upload) = (query["key-marker"].ToString(), query["upload-id-marker"].ToString());
        var page = bucket.Uploads.Where(u => u.Key.StartsWith(prefix, StringComparison.Ordinal)
            && (string.CompareOrdinal(u.Key, key) > 0 || (u.Key == key && string.CompareOrdinal(u.UploadId, upload) > 0)))
            .OrderBy(u => u.Key, StringComparer.Ordinal).ThenBy(u => u.UploadId, StringComparer.Ordinal).Take(max + 1).ToList();
        return Xml("ListMultipartUploadsResult", page.Take(max).Select(u =>
            $"<Upload><Key>{Text(u.Key)}</Key><UploadId>{u.UploadId}</UploadId><Initiated>{Time(u.BegunAt)}</Initiated></Upload>"),
            page.Count <= max ? ""
            : $"<NextKeyMarker>{Text(page[max - 1].Key)}</NextKeyMarker><NextUploadIdMarker>{page[max - 1].UploadId}</NextUploadIdMarker>");
    }

    /// <summary>Text for XML.</summary>
    public static string Text(string text) => SecurityElement.Escape(text);

    /// <summary>A time as S3 writes it.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private int MaxOf(IQueryCollection query, string name) =>
        int.TryParse(query[name], CultureInfo.InvariantCulture, out var asked) ? Math.Min(asked, maxKeys) : maxKeys;

    private string Entry(FakeVersion v)
    {
        var body = $"<Key>{Text(v.Key)}</Key><VersionId>{v.VersionId}</VersionId>"
            + $"<IsLatest>{(bucket.IsLatest(v) ? "true" : "false")}</IsLatest><LastModified>{Time(v.WrittenAt)}</LastModified>";
        return v.Bytes is null ? $"<DeleteMarker>{body}</DeleteMarker>"
            : $"<Version>{body}<ETag>{Text(v.ETag)}</ETag><Size>{v.Bytes.Length}</Size></Version>";
    }

    private static string Xml(string name, IEnumerable<string> entries, string next) =>
        $"""<?xml version="1.0" encoding="UTF-8"?><{name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">"""
        + $"<IsTruncated>{(next.Length > 0 ? "true" : "false")}</IsTruncated>{next}{string.Concat(entries)}</{name}>";
}
