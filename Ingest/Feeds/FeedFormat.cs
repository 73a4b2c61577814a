namespace CpfPipeline.Ingest.Feeds;

/// <summary>What a feed is, as far as names, media types and first characters tell.</summary>
internal static class FeedFormat
{
    /// <summary>The image files of a folder.</summary>
    public const string Folder = "folder";

    /// <summary>A single image file: no feed.</summary>
    public const string Image = "image";

    /// <summary>To be told from the download.</summary>
    public const string Auto = "auto";

    /// <summary>Google Merchant, tab-separated.</summary>
    public const string MerchantTsv = "merchant_tsv";

    private const string Csv = "csv";
    private const string Ndjson = "ndjson";
    private const string MerchantXml = "merchant_xml";

    private static readonly HashSet<string> PictureExtensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".avif", ".heic", ".heif", ".jp2",
        ".jxl",
    };

    private static readonly Dictionary<string, string> Aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["jsonl"] = Ndjson, ["tsv"] = MerchantTsv, ["xml"] = MerchantXml, ["rss"] = MerchantXml, ["atom"] = MerchantXml,
    };

    /// <summary>The format by one of its names.</summary>
    public static string OfAlias(string name) => Aliases.GetValueOrDefault(name, name);

    /// <summary>Whether the name is that of an image file.</summary>
    public static bool IsPicture(string name) => PictureExtensions.Contains(Path.GetExtension(name));

    /// <summary>The format by a file's name, compressed or not, or null.</summary>
    public static string? OfName(string name) => Path.GetExtension(FeedFile.PlainName(name)).ToLowerInvariant() switch
    {
        ".csv" => Csv,
        ".ndjson" or ".jsonl" => Ndjson,
        ".tsv" or ".txt" => MerchantTsv,
        ".xml" or ".rss" or ".atom" => MerchantXml,
        _ => IsPicture(name) ? Image : null,
    };

    /// <summary>The format by a media type, or null.</summary>
    public static string? OfMediaType(string? mediaType) => mediaType?.ToLowerInvariant() switch
    {
        "text/csv" => Csv,
        "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/x-jsonlines" => Ndjson,
        "text/tab-separated-values" => MerchantTsv,
        "text/xml" or "application/xml" or "application/rss+xml" or "application/atom+xml" => MerchantXml,
        _ => null,
    };

    /// <summary>The format by the first characters of the text, or null.</summary>
    public static string? OfText(string text)
    {
        var begin = text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        var header = begin.Split('\n', '\r')[0];
        var columns = header.ToLowerInvariant().Replace("_", "", StringComparison.Ordinal)
            .Replace(" ", "", StringComparison.Ordinal).Split('\t', ',', ';').Select(name => name.Trim('"')).ToHashSet();
        return begin.StartsWith('<') ? MerchantXml
            : begin.StartsWith('{') ? Ndjson
            : columns.Contains("imagelink") ? header.Contains('\t') ? MerchantTsv : null
            : columns.Contains("externalid") && columns.Contains("uri") ? Csv
            : null;
    }
}
