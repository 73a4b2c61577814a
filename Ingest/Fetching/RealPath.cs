namespace CpfPipeline.Ingest.Fetching;

/// <summary>Paths with every symbolic link resolved, so that a link cannot lead out of a permitted folder.</summary>
internal static class RealPath
{
    private const int MaxLinks = 40;

    /// <summary>
    /// The full path without links, <c>.</c> and <c>..</c>. Components that do not exist stay as they are. Null when links form a circle.
    /// </summary>
    /// <exception cref="UnauthorizedAccessException">A folder on the way may not be read.</exception>
    /// <exception cref="IOException">The path cannot be followed.</exception>
    public static string? Resolve(string fullPath)
    {
        var pending = new Stack<string>(Split(fullPath));
        var resolved = "";
        var links = 0;
        while (pending.TryPop(out var component))
        {
            if (component is "." or "")
            {
                continue;
            }

            if (component == "..")
            {
                resolved = resolved[..Math.Max(resolved.LastIndexOf('/'), 0)];
                continue;
            }

            var candidate = $"{resolved}/{component}";
            var target = new FileInfo(candidate).LinkTarget;
            if (target is null)
            {
                resolved = candidate;
                continue;
            }

            if (++links > MaxLinks)
            {
                return null;
            }

            if (target.StartsWith('/'))
            {
                resolved = "";
            }

            foreach (var part in Split(target))
            {
                pending.Push(part);
            }
        }

        return resolved.Length == 0 ? "/" : resolved;
    }

    /// <summary>Whether the resolved path lies below the resolved folder.</summary>
    public static bool IsBelow(string path, string folder) =>
        folder == "/" || path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal);

    private static IEnumerable<string> Split(string path) => path.Split('/').Reverse();
}
