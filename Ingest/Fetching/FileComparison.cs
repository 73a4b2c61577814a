namespace CpfPipeline.Ingest.Fetching;

/// <summary>
/// Compares many files with what was known of them. A folder's links are resolved once, and a file that several images show is looked at
/// once. It is of use for one pass only: what it has seen may change.
/// </summary>
/// <param name="isAllowed">Whether a file may be read, by its path without links.</param>
internal sealed class FileComparison(Func<string, bool> isAllowed)
{
    private const int MaxRemembered = 10_000;

    // The clocks of file systems are coarse.
    private static readonly TimeSpan Coarseness = TimeSpan.FromSeconds(2);
    private readonly Dictionary<string, FileState?> _files = new(StringComparer.Ordinal);
    private (string Folder, string? RealFolder) _last = ("", null);

    /// <summary>
    /// Whether the file may be read, has that length, and was neither written nor put in its place since that time. What was written in
    /// the two seconds before counts as written since.
    /// </summary>
    public bool IsSame(string uri, DateTimeOffset since, long bytes)
    {
        if (!_files.TryGetValue(uri, out var state))
        {
            if (_files.Count == MaxRemembered)
            {
                _files.Clear();
            }

            _files[uri] = state = Look(ImageUri.ToPath(uri)!);
        }

        return state is { } file && file.Bytes == bytes && file.ChangedAt < since.UtcDateTime - Coarseness;
    }

    private FileState? Look(string path)
    {
        try
        {
            if (Resolve(path) is not { } real || !isAllowed(real) || new FileInfo(real) is not { Exists: true } file)
            {
                return null;
            }

            // A file that was moved or copied here may keep an old time of its last write.
            var placedAt = FileChangeTime.Find(real) ?? file.CreationTimeUtc;
            return new FileState(file.Length, file.LastWriteTimeUtc > placedAt ? file.LastWriteTimeUtc : placedAt);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string? Resolve(string path)
    {
        var (folder, name) = (Path.GetDirectoryName(path) ?? "/", Path.GetFileName(path));
        if (name is "" or "." or "..")
        {
            return RealPath.Resolve(path);
        }

        if (_last.Folder != folder)
        {
            _last = (folder, RealPath.Resolve(folder));
        }

        return _last.RealFolder is not { } realFolder ? null
            : Path.Join(realFolder, name) is var candidate && new FileInfo(candidate).LinkTarget is null ? candidate
            : RealPath.Resolve(path);
    }

    private readonly record struct FileState(long Bytes, DateTime ChangedAt);
}
