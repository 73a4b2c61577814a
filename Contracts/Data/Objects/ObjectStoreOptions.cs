using System.Text.RegularExpressions;

namespace CpfPipeline.Data.Objects;

/// <summary>
/// Section <c>Blobs:S3</c>: the blobs lie in a bucket of a store that speaks S3, and not in a folder. The credentials are those that the
/// AWS SDK finds in its usual places (environment, profile, role of the machine).
/// </summary>
public sealed partial class ObjectStoreOptions
{
    /// <summary>Where the settings are.</summary>
    public const string Section = "Blobs:S3";

    private const int MaxPrefixLength = 512;

    /// <summary>The bucket. It must exist. Default none: the blobs lie in the folder <c>Blobs:Folder</c>.</summary>
    public string Bucket { get; set; } = "";

    /// <summary>What all keys begin with, such as <c>pictures/</c>. Default none: the bucket is the pipeline's alone.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>
    /// Address of a store other than AWS, such as <c>https://objects.example:9000</c>. Default none: AWS.
    /// </summary>
    public string Endpoint { get; set; } = "";

    /// <summary>Region of the bucket, such as <c>eu-central-1</c>. Needed without Endpoint; with it the default is us-east-1.</summary>
    public string Region { get; set; } = "";

    /// <summary>
    /// Whether the bucket stands in the path of its URLs and not in the host name. Default: with an Endpoint yes, at AWS no.
    /// </summary>
    public bool? PathStyle { get; set; }

    /// <summary>
    /// How the store encrypts what it keeps: <c>AES256</c> or <c>aws:kms</c>. Default none: as the bucket is set.
    /// </summary>
    public string Encryption { get; set; } = "";

    /// <summary>The key of <c>aws:kms</c>, by id or ARN. Default none: the account's own for S3.</summary>
    public string KmsKey { get; set; } = "";

    /// <summary>
    /// Maximum time for one try: for an answer, for a part of 16 MB that is sent, for the next bytes of a body. 1 s to 10 minutes, default
    /// 30 s.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Tries of a request that meets a store that is away or overloaded, with pauses that grow from 0.1 s to 5 s. After them the work waits
    /// as for any server that is away. 1 to 20, default 6.
    /// </summary>
    public int Attempts { get; set; } = 6;

    /// <summary>Longer objects are sent in parts of this length. S3 takes 5 MB to 5 GB.</summary>
    internal int PartBytes { get; init; } = 16 << 20;

    /// <summary>Whether the blobs lie in a bucket.</summary>
    public bool IsEnabled => Bucket.Length > 0;

    /// <summary>The bucket and where it is, for people.</summary>
    internal string Place => $"the bucket {Bucket} at {(Endpoint.Length > 0 ? new Uri(Endpoint).Authority : $"AWS ({Region})")}";

    /// <summary>What is wrong with these settings, a sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (!IsEnabled)
        {
            yield break;
        }

        if (!BucketName().IsMatch(Bucket))
        {
            yield return $"Bucket is \"{Bucket}\", which is no name of a bucket.";
        }

        if (Prefix.Length > MaxPrefixLength || !PrefixText().IsMatch(Prefix))
        {
            yield return
                $"Prefix is \"{Prefix}\"; it must be empty or end with a slash, begin with none, and hold letters, digits, - and _.";
        }

        if (Endpoint.Length > 0 && WhyNoEndpoint() is { } why)
        {
            yield return $"Endpoint {why}.";
        }

        if (Endpoint.Length == 0 && Region.Length == 0)
        {
            yield return "Region must be given, or Endpoint.";
        }

        if (!RegionName().IsMatch(Region))
        {
            yield return $"Region is \"{Region}\", which is no name of a region.";
        }

        if (Encryption is not ("" or "AES256" or "aws:kms"))
        {
            yield return $"Encryption is \"{Encryption}\"; AES256 and aws:kms are known.";
        }

        if (KmsKey.Length > 0 && Encryption != "aws:kms")
        {
            yield return "KmsKey is given, and Encryption is not aws:kms.";
        }

        if (Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromMinutes(10))
        {
            yield return $"Timeout is {Timeout}; it must be between 1 s and 10 minutes.";
        }

        if (Attempts is < 1 or > 20)
        {
            yield return FormattableString.Invariant($"Attempts is {Attempts}; it must be between 1 and 20.");
        }
    }

    // An address may hold a password, so it is not repeated.
    private string? WhyNoEndpoint() =>
        !Uri.TryCreate(Endpoint, UriKind.Absolute, out var uri) || !(uri.Scheme is "http" or "https") ? "is no http(s) address"
        : uri.UserInfo.Length > 0 ? "may hold no user and no password: the credentials are those of the AWS SDK"
        : uri.PathAndQuery != "/" ? "may hold no path: name the bucket in Blobs:S3:Bucket"
        : null;

    // Dots at its ends, a port or a user would lead to another host.
    [GeneratedRegex(@"^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex BucketName();

    [GeneratedRegex(@"^(?:[A-Za-z0-9_-]+/)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PrefixText();

    [GeneratedRegex(@"^[a-z0-9-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex RegionName();
}
