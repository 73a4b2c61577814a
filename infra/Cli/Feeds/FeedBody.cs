namespace CpfPipeline.Cli.Feeds;

/// <summary>A feed as it is handed to Ingest.</summary>
/// <param name="Path">Full path of the folder or file.</param>
/// <param name="Source">The source its images belong to.</param>
/// <param name="Format">folder, csv, ndjson, merchant_tsv or merchant_xml.</param>
/// <param name="Keys">Full path of labels.csv with product keys, for a folder; or null.</param>
/// <param name="Snapshot">Retract what the source no longer lists.</param>
internal sealed record FeedBody(string Path, string Source, string Format, string? Keys, bool Snapshot)
{
    private static readonly Dictionary<string, string> FormatByExtension = new(StringComparer.OrdinalIgnoreCase)
    {
        [".csv"] = "csv",
        [".ndjson"] = "ndjson",
        [".jsonl"] = "ndjson",
        [".tsv"] = "merchant_tsv",
        [".txt"] = "merchant_tsv",
        [".xml"] = "merchant_xml",
        [".rss"] = "merchant_xml",
        [".atom"] = "merchant_xml",
    };

    /// <summary>Reads the words of <c>submit</c>; touches the file system only to see what <paramref name="path"/> is.</summary>
    /// <exception cref="CommandException">Wrong usage; says what to do instead.</exception>
    public static FeedBody Of(string path, string? source, string? keys, bool snapshot)
    {
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        if (source is not null && string.IsNullOrWhiteSpace(source))
        {
            throw CommandException.Usage("--source takes a name");
        }

        if (keys is not null && !File.Exists(keys))
        {
            throw CommandException.Usage($"no such file: {keys}");
        }

        if (Directory.Exists(full))
        {
            return new(
                full,
                source ?? throw CommandException.Usage("a folder needs --source, the name of the seller or feed its pictures belong to"),
                "folder",
                keys is null ? null : System.IO.Path.GetFullPath(keys),
                snapshot);
        }

        if (!File.Exists(full))
        {
            throw CommandException.Usage($"no such file or folder: {path}");
        }

        if (keys is not null)
        {
            throw CommandException.Usage("--keys goes with a folder; a feed names its product keys itself");
        }

        var extension = System.IO.Path.GetExtension(full);
        return FormatByExtension.TryGetValue(extension, out var format)
            ? new(full, source ?? System.IO.Path.GetFileNameWithoutExtension(full), format, null, snapshot)
            : throw CommandException.Usage(
                $"the name of {path} does not tell what feed it is; known are .csv, .ndjson, .jsonl, .tsv and .txt (Merchant), .xml "
                    + "(Merchant), or a folder of pictures");
    }
}
