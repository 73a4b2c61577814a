namespace CpfPipeline.Cli.Pictures;

/// <summary>A single picture to upload.</summary>
/// <param name="Path">Full path of the file.</param>
/// <param name="Source">The source it belongs to.</param>
/// <param name="ExternalId">The source's name of it: the file's name.</param>
internal sealed record PictureBody(string Path, string Source, string ExternalId)
{
    private static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".avif", ".heic", ".heif", ".jp2",
            ".jxl",
    };

    /// <summary>Whether the path names a picture by its extension.</summary>
    public static bool IsPicture(string path) => Extensions.Contains(System.IO.Path.GetExtension(path)) && File.Exists(path);

    /// <summary>Reads the words of <c>submit</c> for a picture.</summary>
    /// <param name="path">An existing file.</param>
    /// <param name="source">Value of --source.</param>
    /// <param name="isFeedOptionGiven">Whether an option was given that goes with feeds only.</param>
    /// <exception cref="CommandException">Wrong usage; says what to do instead.</exception>
    public static PictureBody Of(string path, string? source, bool isFeedOptionGiven) =>
        string.IsNullOrWhiteSpace(source)
            ? throw CommandException.Usage("a picture needs --source, the name of the seller or feed it belongs to")
        : isFeedOptionGiven
            ? throw CommandException.Usage("a single picture takes --source only; the other options go with feeds and folders")
        : new(System.IO.Path.GetFullPath(path), source, System.IO.Path.GetFileName(path));
}
