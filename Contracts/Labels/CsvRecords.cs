using System.Text;
using CsvHelper;

namespace CpfPipeline.Labels;

/// <summary>Reads separated values with the quotes of RFC 4180. Empty lines are skipped.</summary>
internal static class CsvRecords
{
    // A quote that is left open would otherwise read the rest of the file into memory.
    private const int MaxRecordBytes = 1_000_000;

    /// <exception cref="CsvFormatException">A record is too long.</exception>
    public static IEnumerable<CsvRecord> Read(TextReader reader, char separator)
    {
        var options = new CsvReaderOptions
        {
            HasHeader = false, Separator = separator, MaxRecordSize = MaxRecordBytes, TrackLineNumbers = true,
        };
        using var csv = CsvReader.Create(reader, options, leaveOpen: true);
        while (csv.Read())
        {
            var columns = Enumerable.Range(0, csv.FieldCount).ToArray();
            yield return new CsvRecord(
                (int)csv.LineNumber, [.. columns.Select(csv.GetString)],
                Array.Exists(columns, i => IsTorn(Encoding.UTF8.GetString(csv.GetRawSpan(i)))));
        }
    }

    // The library reports only the first fault of a record, and counts a quote within an unquoted cell (inches) as one. It is none here.
    private static bool IsTorn(string raw) =>
        raw.StartsWith('"')
        && (raw.Length == 1 || !raw.EndsWith('"')
            || raw[1..^1].Replace("\"\"", "", StringComparison.Ordinal).Contains('"', StringComparison.Ordinal));
}
