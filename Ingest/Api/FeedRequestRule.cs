using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Feeds;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Ingest.Api;

/// <summary>What a valid request for a feed is.</summary>
internal static class FeedRequestRule
{
    private const int MaxUrlLength = SubmissionRule.MaxUriLength;

    /// <summary>The feed, or what is wrong.</summary>
    /// <param name="request">As sent.</param>
    /// <param name="formats">The formats that there are readers for.</param>
    /// <param name="revision">Revision of rows that carry none.</param>
    public static (NewFeed? Feed, string? Problem) Check(FeedRequest request, IReadOnlyCollection<string> formats, long revision)
    {
        var problem = SubmissionRule.IdentityProblem(request.Source, "x")
            ?? (request.MaxRetract is < 0 or > 1 ? "max_retract must lie between 0 and 1." : null)
            ?? (string.IsNullOrEmpty(request.Path) == string.IsNullOrEmpty(request.Url) ? "Give either path or url." : null)
            ?? (string.IsNullOrEmpty(request.Keys) ? null : PathProblem("keys", request.Keys));
        if (problem is not null)
        {
            return (null, problem);
        }

        var format = string.IsNullOrEmpty(request.Format) ? null : FeedFormat.OfAlias(request.Format);
        if (format is not null && !formats.Contains(format))
        {
            return (null, Unknown($"The format {format} is", formats));
        }

        var feed = new NewFeed(request.Source!, null, "", null, request.Snapshot, revision, request.MaxRetract)
        {
            Refetch = request.Refetch,
        };
        return string.IsNullOrEmpty(request.Url) ? OfPath(feed, request, format, formats) : OfUrl(feed, request, format);
    }

    private static (NewFeed? Feed, string? Problem) OfPath(
        NewFeed feed, FeedRequest request, string? format, IReadOnlyCollection<string> formats)
    {
        if (PathProblem("path", request.Path) is { } problem)
        {
            return (null, problem);
        }

        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(request.Path!));
        if (!Path.Exists(path))
        {
            return (null, $"There is no {path}.");
        }

        format ??= FeedPath.DetectFormat(path);
        if (format is null)
        {
            return (null, Unknown("The format of the path is", formats));
        }

        if (format == FeedFormat.Image)
        {
            return (null, $"{path} is a picture, no feed; send it to POST /images/upload.");
        }

        if (format == FeedFormat.Folder != Directory.Exists(path))
        {
            return (null, format == FeedFormat.Folder ? $"{path} is not a folder." : $"{path} is a folder; a {format} feed is a file.");
        }

        var keys = string.IsNullOrEmpty(request.Keys) ? null : Path.GetFullPath(request.Keys);
        if (keys is not null && format != FeedFormat.Folder)
        {
            return (null, "keys go with a folder; other feeds carry their product keys.");
        }

        return keys is not null && !File.Exists(keys)
            ? (null, $"There is no file {keys}.")
            : (feed with { Path = path, Format = format, KeysPath = keys }, null);
    }

    private static (NewFeed? Feed, string? Problem) OfUrl(NewFeed feed, FeedRequest request, string? format)
    {
        var url = request.Url!;
        if (url.Length > MaxUrlLength)
        {
            return (null, $"url is longer than {MaxUrlLength} characters.");
        }

        if (ImageUri.IsFile(url))
        {
            return (null, "url must begin with http:// or https://; a file of this machine is a path.");
        }

        if (S3Address.IsS3(url))
        {
            return (null, "url must begin with http:// or https://; s3:// names single images.");
        }

        if (ImageUri.Check(url) is { } refusal)
        {
            return (null, $"url: {refusal.Detail}");
        }

        var uri = new Uri(url);
        if (uri.UserInfo.Length > 0)
        {
            return (null, "url must not hold a user name or a password; they would not be sent.");
        }

        if (!string.IsNullOrEmpty(request.Keys))
        {
            return (null, "keys go with a folder by path.");
        }

        // A name in .tsv or .txt says only that tabs separate the columns. The download's header tells which these are.
        format ??= FeedFormat.OfName(Path.GetFileName(uri.AbsolutePath)) is { } named and not FeedFormat.MerchantTsv
            ? named
            : FeedFormat.Auto;
        return format is FeedFormat.Folder or FeedFormat.Image
            ? (null, "A url names a feed file; single images go to POST /images.")
            : (feed with { Url = url, Format = format }, null);
    }

    private static string Unknown(string beginning, IEnumerable<string> formats) =>
        $"{beginning} not known; give one of {string.Join(", ", formats)}.";

    private static string? PathProblem(string field, string? path) =>
        string.IsNullOrEmpty(path) ? $"{field} is missing."
        : !Path.IsPathFullyQualified(path) || path.Contains('\0') ? $"{field} must be a full path."
        : null;
}
