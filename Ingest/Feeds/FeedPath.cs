using System.Text.RegularExpressions;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>Paths of feeds, and what they say about the format.</summary>
internal static partial class FeedPath
{
    private const int SampleCharacters = 4096;

    /// <summary>Format by the kind of path, compressed or not, or null when it must be told.</summary>
    public static string? DetectFormat(string path)
    {
        var format = Directory.Exists(path) ? FeedFormat.Folder : FeedFormat.OfName(Path.GetFileName(path));
        return format == FeedFormat.MerchantTsv ? FeedFormat.OfText(Beginning(path)) ?? format : format;
    }

    /// <summary>The folder below which the feed's file URIs may lie; null when the feed comes from elsewhere.</summary>
    public static string? FolderOf(Feed feed) =>
        feed.Url is not null ? null : feed.Format == FeedFormat.Folder ? feed.Path : Path.GetDirectoryName(feed.Path) ?? "/";

    /// <summary>The same folder without links; null also when its links form a circle.</summary>
    public static string? RealFolderOf(Feed feed) => FolderOf(feed) is { } folder ? RealPath.Resolve(folder) : null;

    /// <summary>
    /// A row's URI. A path relative to the feed becomes a file URI, or one beside the feed's URL. What has a scheme, or looks as if one
    /// were forgotten, is returned as it is: it is never looked up as a file.
    /// </summary>
    public static string? Resolve(Feed feed, string? uri) =>
        string.IsNullOrEmpty(uri) || uri.AsSpan().ContainsAny('\0', '\uFFFD', SubmissionRule.UndecodableText) || NoPath().IsMatch(uri) ? uri
        : FolderOf(feed) is { } folder ? ImageUri.FromPath(Path.GetFullPath(uri, folder))
        : Uri.TryCreate(new Uri(feed.Url!), uri, out var beside) ? beside.AbsoluteUri
        : uri;

    // Tabs separate the columns of either kind, and the name of the file does not tell which. A compressed one is Merchant's.
    private static string Beginning(string path)
    {
        try
        {
            using var text = new StreamReader(path, detectEncodingFromByteOrderMarks: true);
            var sample = new char[SampleCharacters];
            return new string(sample, 0, text.ReadBlock(sample));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // Whoever reads its rows tells why.
        }
    }

    // A scheme (RFC 3986: letters, digits, +, -, . and a colon; a single letter is a drive of Windows), //host/x, www.host/x, or a path
    // with backslashes.
    [GeneratedRegex(@"^(?:[a-z][a-z0-9+.-]*:|[/\\]{2}|www\.[^/]+\.)|^[^/]*\\", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NoPath();
}
