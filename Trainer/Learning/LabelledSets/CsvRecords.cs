using System.Text;
using CsvHelper;

namespace CpfPipeline.Learning.LabelledSets;

/// <summary>Reads comma-separated values as RFC 4180 has them. Empty lines are skipped.</summary>
internal static class CsvRecords
{
    public static IEnumerable<CsvRecord> Read(TextReader reader)
    {
        using var csv = CsvReader.Create(reader, new CsvReaderOptions { HasHeader = false, TrackLineNumbers = true }, leaveOpen: true);
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
