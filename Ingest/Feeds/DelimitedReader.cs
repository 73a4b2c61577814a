using System.Runtime.CompilerServices;
using CsvHelper;

namespace CpfPipeline.Ingest;

/// <summary>Delimited text (RFC 4180) with a header, row by row.</summary>
internal static class DelimitedReader
{
    // A quote that is left open would otherwise read the rest of the file into memory.
    private const int MaxRecordBytes = 1_000_000;
    private const int MaxNamedColumns = 20;

    /// <summary>Rows by their header's canonical names.</summary>
    /// <param name="path">The file: UTF-8, or UTF-16 with a byte order mark.</param>
    /// <param name="delimiter">The delimiter, or null to choose among comma, semicolon and tab by the header.</param>
    /// <param name="required">Columns that must be there: canonical name, and the name to tell.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="FeedFormatException">There is no header, a column is missing, or a row is too long.</exception>
    public static async IAsyncEnumerable<DelimitedRow> ReadAsync(
        string path, char? delimiter, IReadOnlyList<(string Canonical, string Name)> required, [
            EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CsvMalformedReason? malformed = null;
        using var records = CsvReader.Create(new StreamReader(path), new CsvReaderOptions
        {
            HasHeader = false,
            Separator = delimiter ?? await DetectAsync(path, cancellationToken),
            MaxRecordSize = MaxRecordBytes,
            TrackLineNumbers = true,
            OnMalformedRecord = record => malformed = record.Reason,
        });
        if (!await MoveNextAsync(records, cancellationToken))
        {
            throw new FeedFormatException("The file is empty; its first line must name the columns.");
        }

        var header = Fields(records);
        var names = header.Select(Canonical).ToArray();
        foreach (var (canonical, name) in required)
        {
            if (!names.Contains(canonical))
            {
                throw new FeedFormatException(
                    $"Line {records.LineNumber}: the column {name} is missing; found {string.Join(", ", header.Take(MaxNamedColumns))}.");
            }
        }

        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            columns.TryAdd(names[i], i);
        }

        malformed = null;
        while (await MoveNextAsync(records, cancellationToken))
        {
            var fields = Fields(records);
            var problem = fields.Length != names.Length ? $"Line {records.LineNumber}: {fields.Length} fields instead of {names.Length}."
                : malformed is not null and not CsvMalformedReason.StrayQuote
                    ? $"Line {records.LineNumber}: a quoted field does not end properly."
                : fields.Any(field => field.Contains('\0')) ? $"Line {records.LineNumber}: a field holds a zero character."
                : null;
            malformed = null;
            yield return new DelimitedRow(columns, fields, problem);
        }
    }

    private static async ValueTask<bool> MoveNextAsync(CsvReader records, CancellationToken cancellationToken)
    {
        try
        {
            return await records.ReadAsync(cancellationToken);
        }
        catch (CsvFormatException e)
        {
            throw new FeedFormatException(
                $"Line {e.LineNumber}: a row is longer than {MaxRecordBytes} bytes; perhaps a quote is left open.");
        }
    }

    private static string[] Fields(CsvReader records)
    {
        var fields = new string[records.FieldCount];
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = records.GetString(i);
        }

        return fields;
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
