using System.Globalization;

namespace CpfPipeline.Cli.Backups;

/// <summary>The blobs of a backup: a text file with hash and length of each, ascending, read and written line by line.</summary>
/// <param name="path">The file.</param>
internal sealed class BlobList(string path)
{
    private const int Parts = 256;

    public string FilePath => path;

    /// <summary>Its lines.</summary>
    /// <exception cref="CommandException">The file is damaged (3).</exception>
    public IEnumerable<(string Sha256, long Bytes)> Read()
    {
        foreach (var line in File.ReadLines(path))
        {
            yield return line.Split(' ') is [{ Length: 64 } sha256, var length] && sha256.All(char.IsAsciiHexDigitLower)
                && long.TryParse(length, CultureInfo.InvariantCulture, out var bytes)
                    ? (sha256, bytes)
                    : throw CommandException.Infrastructure($"{path} is damaged");
        }
    }

    /// <summary>The hashes by their first byte, of which there are 256 also where none begins with one.</summary>
    public IEnumerable<(string Part, HashSet<string> Sha256)> ByFirstByte()
    {
        using var lines = Read().GetEnumerator();
        var any = lines.MoveNext();
        for (var part = 0; part < Parts; part++)
        {
            var (name, own) = (part.ToString("x2", CultureInfo.InvariantCulture), new HashSet<string>());
            for (; any && lines.Current.Sha256.StartsWith(name, StringComparison.Ordinal); any = lines.MoveNext())
            {
                own.Add(lines.Current.Sha256);
            }

            yield return (name, own);
        }
    }

    /// <summary>One of its lines.</summary>
    public static string Line(string sha256, long bytes) => string.Create(CultureInfo.InvariantCulture, $"{sha256} {bytes}");
}
