using CpfPipeline.Data;

namespace CpfPipeline.Ingest;

/// <summary>Paths of feeds, and what they say about the format.</summary>
internal static class FeedPath
{
    /// <summary>Format by the kind of path, or null when it must be told.</summary>
    public static string? DetectFormat(string path) => Directory.Exists(path) ? "folder" : Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".csv" => "csv",
        ".ndjson" or ".jsonl" => "ndjson",
        ".tsv" or ".txt" => "merchant_tsv",
        ".xml" or ".rss" or ".atom" => "merchant_xml",
        _ => null,
    };

    /// <summary>The folder below which the feed's file URIs may lie.</summary>
    public static string FolderOf(Feed feed) => feed.Format == "folder" ? feed.Path : Path.GetDirectoryName(feed.Path) ?? "/";

    /// <summary>
    /// A row's URI. A text without scheme is a path relative to the feed. What cannot be a path is returned as it is and refused later.
    /// </summary>
    public static string? Resolve(Feed feed, string? uri) =>
        string.IsNullOrEmpty(uri)
            || uri.Contains("://", StringComparison.Ordinal) || uri.StartsWith("data:", StringComparison.OrdinalIgnoreCase)
        || uri.Contains('\0')
            ? uri
            : ImageUri.FromPath(Path.GetFullPath(uri, FolderOf(feed)));
}
