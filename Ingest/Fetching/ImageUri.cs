using CpfPipeline.Ingest.Guard;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>The URIs that images may have, and file paths as URIs and back.</summary>
internal static class ImageUri
{
    private const string FilePrefix = "file://";

    /// <summary>Why the URI can never be fetched, or null.</summary>
    public static (string Reason, string Detail)? Check(string uri)
    {
        if (IsFile(uri))
        {
            return ToPath(uri) is null ? (RejectReasons.InvalidUri, "A file URI has the form file:///full/path.") : null;
        }

        if (S3Address.IsS3(uri))
        {
            return S3Address.TryParse(uri) is null
                ? (RejectReasons.InvalidUri, "An S3 URI has the form s3://bucket/key, and no . or .. in its key.") : null;
        }

        // System.Uri would take a Unix path for a file URI, and the drive of a Windows path for a scheme.
        if (uri.StartsWith('/') || uri is [_, ':', ..] || !Uri.TryCreate(uri, UriKind.Absolute, out var parsed))
        {
            return (RejectReasons.InvalidUri, "The URI is not absolute, or cannot be parsed.");
        }

        if (parsed.Scheme != Uri.UriSchemeHttp && parsed.Scheme != Uri.UriSchemeHttps)
        {
            return (RejectReasons.UnsupportedScheme, $"The scheme {parsed.Scheme} is none of http, https, file, s3.");
        }

        if (!IsWeb(uri))
        {
            return (RejectReasons.InvalidUri, $"The scheme {parsed.Scheme} must be followed by ://.");
        }

        return parsed.Host.Length == 0 ? (RejectReasons.InvalidUri, "The URI has no host.") : HostRule.CheckSpelling(parsed.Host);
    }

    /// <summary>Whether it is an address of the web, written with its host.</summary>
    public static bool IsWeb(string uri) =>
        uri.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || uri.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it is a file URI.</summary>
    public static bool IsFile(string uri) => uri.StartsWith(FilePrefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>The URI of a full path, escaped segment by segment.</summary>
    public static string FromPath(string path) => FilePrefix + string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    /// <summary>The full path of a file URI, decoded once; null when it has another form.</summary>
    public static string? ToPath(string uri)
    {
        var rest = uri[FilePrefix.Length..];
        if (rest.StartsWith("localhost/", StringComparison.OrdinalIgnoreCase))
        {
            rest = rest["localhost".Length..];
        }

        var path = Uri.UnescapeDataString(rest);
        return path.StartsWith('/') && !path.Contains('\0') ? path : null;
    }
}
