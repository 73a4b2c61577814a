using System.Diagnostics.CodeAnalysis;

namespace CpfPipeline.Ingest.Api;

/// <summary>Paths as they may be shown to who may not read files of the machine: names of files.</summary>
internal static class ShownPath
{
    /// <summary>The name of the file.</summary>
    [return: NotNullIfNotNull(nameof(path))]
    public static string? Of(string? path) => path is null ? null : Path.GetFileName(path);

    /// <summary>A text with the names of these files in the place of their paths.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Within(string? text, params IEnumerable<string?> paths) =>
        paths.OfType<string>().Where(p => p.Length > 1).OrderByDescending(p => p.Length)
            .Aggregate(text, (shown, path) => shown?.Replace(path, Of(path), StringComparison.Ordinal));
}
