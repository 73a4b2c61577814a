using System.Text.RegularExpressions;

namespace CpfPipeline.Ingest;

/// <summary>
/// Section <c>Ingest:S3</c>: images at <c>s3://bucket/key</c>. The credentials are those that the AWS SDK finds in its usual places
/// (environment, profile, role of the machine).
/// </summary>
internal sealed partial class S3Options
{
    /// <summary>The name of a bucket. It becomes a part of the request's host: no dots at its ends, no port, no user.</summary>
    internal const string BucketPattern = "[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]";

    /// <summary>
    /// What submitters may name: <c>bucket</c>, <c>bucket/prefix</c> for keys that begin with the prefix, or <c>*</c> for all that the
    /// credentials can read. Default none: s3:// is turned off.
    /// </summary>
    public IList<string> Buckets { get; set; } = [];

    /// <summary>
    /// Address of another store that speaks S3, such as <c>https://objects.example:9000</c>. It may be private, and buckets stand in the
    /// path of its URLs. Default none: AWS.
    /// </summary>
    public string Endpoint { get; set; } = "";

    /// <summary>Region of the buckets, such as <c>eu-central-1</c>. Needed without Endpoint; with it the default is us-east-1.</summary>
    public string Region { get; set; } = "";

    /// <summary>Whether s3:// is turned on.</summary>
    public bool IsEnabled => Buckets.Count > 0;

    /// <summary>What is wrong with these settings.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var bucket in Buckets.Where(b => b != "*" && !BucketAndPrefix().IsMatch(b)))
        {
            yield return $"Buckets holds \"{bucket}\", which is neither bucket, bucket/prefix nor *.";
        }

        if (Endpoint.Length > 0 && !(Uri.TryCreate(Endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            yield return $"Endpoint is \"{Endpoint}\", which is not an http(s) address.";
        }

        if (IsEnabled && Endpoint.Length == 0 && Region.Length == 0)
        {
            yield return "Region must be given, or Endpoint.";
        }
    }

    [GeneratedRegex("^" + BucketPattern + @"(?:/.*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex BucketAndPrefix();
}
