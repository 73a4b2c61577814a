using CpfPipeline.Tests.Benchmarks.Running;

namespace CpfPipeline.Tests.Benchmarks.Pictures;

/// <summary>Finds photos on disk.</summary>
internal static class PhotoFolder
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp"];

    /// <summary>
    /// Photos below folders, in ordinal order of their paths, one of each folder in turn; at most <paramref name="most"/>.
    /// </summary>
    public static IReadOnlyList<string> List(IReadOnlyList<string> folders, int most)
    {
        var files = folders.Select(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal).ToArray()).ToArray();
        var longest = files.Max(f => f.Length);
        var photos = Enumerable.Range(0, longest).SelectMany(i => files.Where(f => i < f.Length).Select(f => f[i])).Take(most).ToArray();
        return photos.Length > 0 ? photos : throw new BenchSkippedException($"no photos below {string.Join(" and ", folders)}");
    }
}
