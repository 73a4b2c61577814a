using System.Globalization;

namespace CpfPipeline.Learning.LabelledSets;

/// <summary>Names sets by their folders, with as many folders above as it takes to tell them apart.</summary>
internal static class SetNames
{
    public static IReadOnlyList<string> Of(IReadOnlyList<string> files)
    {
        var folders = files.Select(f => (Path.GetDirectoryName(f) ?? "").Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries)).ToList();
        for (var depth = 1; depth <= folders.Select(f => f.Length).DefaultIfEmpty(0).Max(); depth++)
        {
            var names = folders.Select(f => string.Join('/', f.TakeLast(depth))).ToList();
            if (names.Distinct(StringComparer.Ordinal).Count() == names.Count)
            {
                return names;
            }
        }

        // Two files in one folder, or one file twice.
        return [.. folders.Select((f, i) => string.Create(CultureInfo.InvariantCulture, $"{f.LastOrDefault("")}#{i + 1}"))];
    }
}
