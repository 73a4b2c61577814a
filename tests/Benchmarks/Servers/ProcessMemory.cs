using System.Globalization;

namespace CpfPipeline.Tests.Benchmarks.Servers;

/// <summary>Memory of processes on this machine, from <c>/proc</c>.</summary>
internal static class ProcessMemory
{
    /// <summary>
    /// What PostgreSQL takes, in MB: its processes' own memory added up, and the shared memory that one of them has touched the most of. 0
    /// when the server is on another machine. Its files in the page cache are not counted.
    /// </summary>
    /// <param name="postmaster">Its first process.</param>
    public static double OfPostgresMb(int? postmaster)
    {
        if (postmaster is not { } parent)
        {
            return 0;
        }

        var (own, shared) = (0L, 0L);
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid)
                && (pid == parent || ProcessorTime.ParentOf(pid) == parent))
            {
                own += Kilobytes(pid, "RssAnon:");
                shared = Math.Max(shared, Kilobytes(pid, "RssShmem:"));
            }
        }

        return (own + shared) * 1024 / 1e6;
    }

    private static long Kilobytes(int pid, string key)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal));
            return line is null
                ? 0 : long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // It ended.
        }
    }
}
