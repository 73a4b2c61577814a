using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>
/// The image files of a folder and its folders, by name: hidden ones and linked folders are left out; files without an image's extension
/// are left out and told of. external_id is the path relative to the folder, with <c>/</c>. What an image file really holds is found out
/// later.
/// </summary>
internal sealed class FolderFeedReader : IFeedReader
{
    private const string LeftOut = "files left out for their extension";

    public string Format => FeedFormat.Folder;

    public async IAsyncEnumerable<Submission> ReadAsync(
        Feed feed, FeedFindings findings, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!Directory.Exists(feed.Path))
        {
            throw new DirectoryNotFoundException($"There is no folder {feed.Path}.");
        }

        var keys = feed.KeysPath is null ? null : ProductKeys.Read(feed, cancellationToken);
        var isEmpty = true;
        foreach (var path in Walk(feed.Path, LeaveOut))
        {
            cancellationToken.ThrowIfCancellationRequested();
            isEmpty = false;
            var name = Path.GetRelativePath(feed.Path, path);
            yield return new Submission
            {
                ExternalId = name,
                Uri = ImageUri.FromPath(path),
                ProductKey = keys?.Find(path),
                KeyScope = ProductKeyScope.Source,
                Problem = name.Contains('\uFFFD') ? "The file's name is not valid UTF-8; rename it." : null,
                ProblemReason = RejectReasons.InvalidEncoding,
            };
        }

        keys?.Report(findings);
        if (isEmpty)
        {
            throw new FeedFormatException(
                $"There is no image file in the folder. {string.Join(" ", findings.Sentences())}".TrimEnd());
        }

        void LeaveOut(string path)
        {
            if (path != feed.KeysPath)
            {
                findings.Add(LeftOut, Path.GetRelativePath(feed.Path, path));
            }
        }
    }

    // Sorted folder by folder: the same order again after a crash, while only one folder's names are in memory.
    private static IEnumerable<string> Walk(string folder, Action<string> leaveOut)
    {
        var entries = new FileSystemEnumerable<(string Name, bool IsFolder)>(
            folder,
            (ref FileSystemEntry entry) => (entry.FileName.ToString(), entry.IsDirectory),
            new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false, RecurseSubdirectories = false })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) =>
                !entry.FileName.StartsWith('.') && (!entry.IsDirectory || (entry.Attributes & FileAttributes.ReparsePoint) == 0),
        };
        var sorted = entries.ToArray();
        Array.Sort(sorted, (a, b) => string.CompareOrdinal(a.Name, b.Name));
        foreach (var (name, isFolder) in sorted)
        {
            var path = Path.Join(folder, name);
            if (!isFolder)
            {
                if (FeedFormat.IsPicture(name))
                {
                    yield return path;
                }
                else
                {
                    leaveOut(path);
                }

                continue;
            }

            foreach (var below in Walk(path, leaveOut))
            {
                yield return below;
            }
        }
    }
}
