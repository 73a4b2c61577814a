using System.Globalization;

namespace CpfPipeline.Cli.Demo;

/// <summary>Names of the demonstration's products, from <c>names.csv</c> (no quoted fields).</summary>
internal sealed class EmojiNames
{
    private readonly Dictionary<string, string> _names;

    private EmojiNames(Dictionary<string, string> names) => _names = names;

    public static EmojiNames Read(string path) => new(File.ReadLines(path)
        .Skip(1)
        .Select(line => line.Split(','))
        .ToDictionary(fields => fields[0], fields => fields[1].Replace('_', ' '), StringComparer.Ordinal));

    /// <summary>The emoji itself and its name: <c>😀 grinning</c>.</summary>
    public string Of(string codePoints) => _names.TryGetValue(codePoints, out var name) ? $"{Characters(codePoints)} {name}" : codePoints;

    private static string Characters(string codePoints) =>
        string.Concat(
            codePoints.Split('-').Select(c => char.ConvertFromUtf32(int.Parse(c, NumberStyles.HexNumber, CultureInfo.InvariantCulture))));
}
