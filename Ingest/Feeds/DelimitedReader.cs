using System.Runtime.CompilerServices;
using CpfPipeline.Ingest.Intake;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>Delimited text with a header, row by row.</summary>
internal static class DelimitedReader
{
    // A quote left open would otherwise swallow the rest of the file into memory.
    private const int MaxRecordLength = 1_000_000;

    /// <summary>Rows by their header's canonical names.</summary>
    /// <param name="path">The file: UTF-8, or UTF-16 with a byte order mark.</param>
    /// <param name="delimiter">The delimiter, or null to choose among comma, semicolon and tab by the header.</param>
    /// <param name="required">Columns that must be there, canonical, with the name to tell.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="FeedFormatException">No header, a column missing, a row without end.</exception>
    public static async IAsyncEnumerable<DelimitedRow> ReadAsync(
        string path, char? delimiter, IReadOnlyList<(string Canonical, string Name)> required, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var text = new StreamReader(path);
        var records = new DelimitedRecords(text, delimiter ?? await DetectAsync(path, cancellationToken), MaxRecordLength);
        var header = await records.ReadAsync(cancellationToken)
            ?? throw new FeedFormatException("The file is empty; its first line must name the columns.");
        var names = header.Select(Canonical).ToArray();
        foreach (var (canonical, name) in required)
        {
            if (!names.Contains(canonical))
            {
                throw new FeedFormatException($"Line {records.Line}: the column {name} is missing; found {string.Join(", ", header.Take(20))}.");
            }
        }

        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            columns.TryAdd(names[i], i);
        }

        while (await records.ReadAsync(cancellationToken) is { } fields)
        {
            var problem = fields.Length != names.Length ? $"Line {records.Line}: {fields.Length} fields instead of {names.Length}."
                : records.HasStrayQuote ? $"Line {records.Line}: a quoted field does not end properly."
                : fields.Any(field => field.Contains('\0')) ? $"Line {records.Line}: a field holds a zero character."
                : null;
            yield return new DelimitedRow(columns, fields, problem);
        }
    }

    // Without case, underscores and spaces.
    private static string Canonical(string name) => SubmissionJson.Canonical(name.Trim()).Replace(" ", "", StringComparison.Ordinal);

    private static async Task<char> DetectAsync(string path, CancellationToken cancellationToken)
    {
        using var text = new StreamReader(path);
        var buffer = new char[8192];
        var length = await text.ReadBlockAsync(buffer, cancellationToken);
        var header = new string(buffer, 0, length).Split('\n')[0];
        return header.Contains(',') ? ',' : header.Contains(';') ? ';' : header.Contains('\t') ? '\t' : ',';
    }
}
