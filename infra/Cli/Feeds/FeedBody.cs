using System.Text.Json.Serialization;

namespace CpfPipeline.Cli.Feeds;

/// <summary>A feed as it is handed to Ingest.</summary>
/// <param name="Path">Full path of the folder or file; null for an address.</param>
/// <param name="Source">The source its images belong to.</param>
/// <param name="Format">folder, csv, ndjson, merchant_tsv or merchant_xml; null: Ingest tells it by the file.</param>
/// <param name="Keys">Full path of labels.csv with product keys, for a folder; or null.</param>
/// <param name="Snapshot">Retract what the source no longer lists.</param>
internal sealed record FeedBody(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Path, string Source,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Format, string? Keys, bool Snapshot)
{
    // What Ingest tells a format by; of .tsv and .txt it reads the header, too.
    private static readonly HashSet<string> Telling = new(StringComparer.OrdinalIgnoreCase)
    {
        ".csv", ".ndjson", ".jsonl", ".tsv", ".txt", ".xml", ".rss", ".atom",
    };

    private static readonly HashSet<string> Packed = new(StringComparer.OrdinalIgnoreCase) { ".gz", ".zip" };

    /// <summary>Where Ingest fetches the feed; null for a path.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Url { get; init; }

    /// <summary>Maximum share of the source's live images that a snapshot may retract, 0 to 1; null: as Ingest is configured.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MaxRetract { get; init; }

    /// <summary>Whether the word names an address instead of a path.</summary>
    public static bool IsUrl(string path) =>
        path.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || path.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the words of <c>submit</c>; touches the file system only to see what <paramref name="path"/> is.</summary>
    /// <exception cref="CommandException">Wrong usage; says what to do instead.</exception>
    public static FeedBody Of(
        string path, string? source, string? keys, bool snapshot, string? format = null, string? maxRetract = null)
    {
        if (source is not null && string.IsNullOrWhiteSpace(source))
        {
            throw CommandException.Usage("--source takes a name");
        }

        if (maxRetract is not null && !snapshot)
        {
            throw CommandException.Usage("--max-retract goes with --snapshot");
        }

        var share = RetractShare.Parse(maxRetract);
        return (IsUrl(path)
            ? OfUrl(path, source, keys, snapshot, format) : OfPath(path, source, keys, snapshot, format)) with { MaxRetract = share };
    }

    private static FeedBody OfUrl(string url, string? source, string? keys, bool snapshot, string? format)
    {
        RefuseKeys(keys);
        return !Uri.TryCreate(url, UriKind.Absolute, out _) ? throw CommandException.Usage($"no address: {url}")
            : format == "folder" ? throw CommandException.Usage("--format folder goes with a folder")
            : new(null, source ?? throw CommandException.Usage("an address needs --source, the name of the seller or feed"), format, null,
                snapshot)
            {
                Url = url,
            };
    }

    private static FeedBody OfPath(string path, string? source, string? keys, bool snapshot, string? format)
    {
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        if (keys is not null && !File.Exists(keys))
        {
            throw CommandException.Usage($"no such file: {keys}");
        }

        if (Directory.Exists(full))
        {
            return format is not (null or "folder") ? throw CommandException.Usage($"{path} is a folder; a {format} feed is a file")
                : new(
                    full,
                    source ?? throw CommandException.Usage(
                        "a folder needs --source, the name of the seller or feed its pictures belong to"),
                    "folder",
                    keys is null ? null : System.IO.Path.GetFullPath(keys),
                    snapshot);
        }

        if (!File.Exists(full))
        {
            throw CommandException.Usage($"no such file or folder: {path}");
        }

        RefuseKeys(keys);
        if (format == "folder")
        {
            throw CommandException.Usage($"{path} is no folder");
        }

        var name = System.IO.Path.GetFileName(full);
        name = Packed.Contains(System.IO.Path.GetExtension(name)) ? System.IO.Path.GetFileNameWithoutExtension(name) : name;
        if (format is null && !Telling.Contains(System.IO.Path.GetExtension(name)))
        {
            throw CommandException.Usage(
                $"the name of {path} does not tell what feed it is: give --format, or a folder of pictures, or a name that ends in .csv, "
                + ".ndjson, .jsonl, .tsv or .txt, .xml (Merchant), with or without .gz or .zip");
        }

        return new(full, source ?? System.IO.Path.GetFileNameWithoutExtension(name), format, null, snapshot);
    }

    private static void RefuseKeys(string? keys)
    {
        if (keys is not null)
        {
            throw CommandException.Usage("--keys goes with a folder; a feed names its product keys itself");
        }
    }
}
