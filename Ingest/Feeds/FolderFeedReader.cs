using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using CpfPipeline.Data;

namespace CpfPipeline.Ingest;

/// <summary>
/// The image files of a folder and its folders, by name: hidden ones, linked folders and files without an image's extension (documents) are
/// left out. external_id is the path relative to the folder, with <c>/</c>. What an image file really holds is found out later.
/// </summary>
internal sealed class FolderFeedReader : IFeedReader
{
    private static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".avif", ".heic", ".heif", ".jp2",
        ".jxl",
    };

    public string Format => "folder";

    public async IAsyncEnumerable<Submission> ReadAsync(Feed feed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!Directory.Exists(feed.Path))
        {
            throw new DirectoryNotFoundException($"There is no folder {feed.Path}.");
        }

        var keys = feed.KeysPath is null ? null : await ProductKeys.ReadAsync(feed, cancellationToken);
        foreach (var path in Walk(feed.Path))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new Submission
            {
                ExternalId = Path.GetRelativePath(feed.Path, path),
                Uri = ImageUri.FromPath(path),
                ProductKey = keys?.Find(path),
                KeyScope = "source",
            };
        }
    }

    // Sorted folder by folder: the same order again after a crash, while only one folder's names are in memory.
    private static IEnumerable<string> Walk(string folder)
    {
        var entries = new FileSystemEnumerable<(string Name, bool IsFolder)>(
            folder,
            (ref FileSystemEntry entry) => (entry.FileName.ToString(), entry.IsDirectory),
            new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false, RecurseSubdirectories = false })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) =>
                !entry.FileName.StartsWith('.')
                && (entry.IsDirectory ? (entry.Attributes & FileAttributes.ReparsePoint) == 0 : IsImage(entry.FileName)),
        };
        var sorted = entries.ToArray();
        Array.Sort(sorted, (a, b) => string.CompareOrdinal(a.Name, b.Name));
        foreach (var (name, isFolder) in sorted)
        {
            var path = Path.Join(folder, name);
            if (!isFolder)
            {
                yield return path;
                continue;
            }

            foreach (var below in Walk(path))
            {
                yield return below;
            }
        }
    }

    private static bool IsImage(ReadOnlySpan<char> name) =>
        Extensions.GetAlternateLookup<ReadOnlySpan<char>>().Contains(Path.GetExtension(name));
}
