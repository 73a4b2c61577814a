using System.Text;
using System.Text.RegularExpressions;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>An object of a store that speaks S3.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Key">The key, as it is: nothing in it is decoded.</param>
internal sealed partial record S3Address(string Bucket, string Key)
{
    private const string Prefix = "s3://";
    private const int MaxKeyBytes = 1024;

    /// <summary>Whether the URI's scheme is s3.</summary>
    public static bool IsS3(string uri) => uri.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>The object that <c>s3://bucket/key</c> names; null when it has another form.</summary>
    public static S3Address? TryParse(string uri)
    {
        var parts = uri[Prefix.Length..].Split('/', 2);
        return parts is [var bucket, { Length: > 0 } key] && BucketName().IsMatch(bucket) && Encoding.UTF8.GetByteCount(key) <= MaxKeyBytes
            && !key.Split('/', '\\').Any(segment => segment is "." or "..") && Uri.TryCreate(uri, UriKind.Absolute, out _)
            ? new S3Address(bucket, key)
            : null;
    }

    /// <summary>Whether the settings let submitters name it.</summary>
    /// <param name="buckets">As in <see cref="S3Options.Buckets"/>.</param>
    public bool IsBelow(IEnumerable<string> buckets) =>
        buckets.Any(allowed => allowed == "*" || allowed == Bucket
            || (allowed.Contains('/', StringComparison.Ordinal) && $"{Bucket}/{Key}".StartsWith(allowed, StringComparison.Ordinal)));

    [GeneratedRegex("^" + S3Options.BucketPattern + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex BucketName();
}
