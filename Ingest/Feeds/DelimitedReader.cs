using System.Runtime.CompilerServices;
using System.Text;
using CpfPipeline.Ingest.Submissions;
using CsvHelper;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>
/// Delimited text with a header, row by row. A quote that is left open swallows the lines up to the next quote: a record that hides such
/// lines is
/// taken apart again, so that every line is a row of its own or is refused.
/// </summary>
internal static class DelimitedReader
{
    private const int SampleCharacters = 64 * 1024;
    private const int MaxNamedColumns = 20;

    /// <summary>Rows by their header's canonical names.</summary>
    /// <param name="open">Opens the text at its beginning; called twice.</param>
    /// <param name="tabs">Whether fields are separated by tabs; else by what the header shows.</param>
    /// <param name="required">Columns that must be there: canonical name, and the name to tell.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="FeedFormatException">There is no header, a column is missing, or a row is too long.</exception>
    public static async IAsyncEnumerable<DelimitedRow> ReadAsync(
        Func<Task<TextReader>> open, bool tabs, IReadOnlyList<(string Canonical, string Name)> required,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var dialect = DelimitedDialect.Detect(await SampleAsync(open, cancellationToken), tabs);
        CsvMalformedReason? malformed = null;
        using var text = new LastCharacter(await open());
        using var records = CsvReader.Create(text, dialect.Options(record => malformed = record.Reason));
        if (!await MoveNextAsync(records, cancellationToken))
        {
            throw new FeedFormatException("The file is empty; its first line must name the columns.");
        }

        var header = Fields(records);
        var layout = new Layout(Columns(header, required, records.LineNumber), header.Length, required, dialect);
        malformed = null;
        var hasNext = await MoveNextAsync(records, cancellationToken);
        if (!hasNext)
        {
            throw new FeedFormatException("There is no row below the header.");
        }

        while (hasNext)
        {
            var (line, fields, reason) = (records.LineNumber, Fields(records), malformed);
            var spansLines = dialect.HasQuotes && records.RawRecord.IndexOfAny((byte)'\n', (byte)'\r') >= 0;
            var raw = spansLines || reason is not null ? Encoding.UTF8.GetString(records.RawRecord) : "";
            malformed = null;
            hasNext = await MoveNextAsync(records, cancellationToken);
            var isCut = !hasNext && text.Last is not ('\n' or '\r');
            if (spansLines
                && (reason is not null and not CsvMalformedReason.StrayQuote || HidesRows(raw, fields.Length, header.Length, dialect)))
            {
                foreach (var row in TakeApart(raw, line, layout))
                {
                    yield return row;
                }

                continue;
            }

            yield return layout.Row(fields, line, reason is null || IsClosed(raw, dialect), isCut);
        }
    }

    /// <summary>
    /// Whether a record that spans lines hides rows. It does when its fields do not fit the header, and when both its first line, taken
    /// literally,
    /// and a later one are rows by themselves. A text of several lines is neither.
    /// </summary>
    internal static bool HidesRows(string raw, int fields, int columns, DelimitedDialect dialect)
    {
        if (fields != columns)
        {
            return true;
        }

        var lines = Lines(raw);
        var first = Split(lines[0], dialect, out _);
        var literal = first.Length + first[^1].Count(c => c == dialect.Separator);
        return columns > 1 && literal == columns && lines.Skip(1).Any(line =>
            Split(line, dialect, out _) is [{ Length: > 0 } id, ..] alone && alone.Length == columns && !id.Any(char.IsWhiteSpace));
    }

    private static IEnumerable<DelimitedRow> TakeApart(string raw, long line, Layout layout)
    {
        foreach (var text in Lines(raw))
        {
            if (text.Length > 0)
            {
                var fields = Split(text, layout.Dialect, out var isClosed);
                yield return layout.Row(fields, line, isClosed, isCut: false);
            }

            line++;
        }
    }

    private static string[] Split(string line, DelimitedDialect dialect, out bool isClosed)
    {
        var closed = true;
        using var records = CsvReader.FromText(
            line, dialect.Options(m => closed = m.Reason == CsvMalformedReason.StrayQuote, isOneLine: true));
        var fields = records.Read() ? Fields(records) : [];
        isClosed = closed && IsClosed(line, dialect);
        return fields;
    }

    // The library reports the first fault of a record only: behind a stray quote there may be an open one.
    private static bool IsClosed(string raw, DelimitedDialect dialect)
    {
        if (!dialect.HasQuotes)
        {
            return true;
        }

        var (isStart, isOpen) = (true, false);
        for (var i = 0; i < raw.Length; i++)
        {
            if (isOpen)
            {
                if (raw[i] == '"' && i + 1 < raw.Length && raw[i + 1] == '"')
                {
                    i++;
                }
                else if (raw[i] == '"')
                {
                    isOpen = false;
                    if (i + 1 < raw.Length && raw[i + 1] != dialect.Separator)
                    {
                        return false;
                    }
                }
            }
            else
            {
                isOpen = isStart && raw[i] == '"';
            }

            isStart = raw[i] == dialect.Separator && !isOpen;
        }

        return !isOpen;
    }

    private static string[] Lines(string raw) =>
        raw.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n');

    private static async Task<string> SampleAsync(Func<Task<TextReader>> open, CancellationToken cancellationToken)
    {
        using var text = await open();
        var buffer = new char[SampleCharacters];
        return new string(buffer, 0, await text.ReadBlockAsync(buffer, cancellationToken));
    }

    private static async ValueTask<bool> MoveNextAsync(CsvReader records, CancellationToken cancellationToken)
    {
        try
        {
            return await records.ReadAsync(cancellationToken);
        }
        catch (CsvFormatException e)
        {
            throw new FeedFormatException($"Line {e.LineNumber}: the row is too long; perhaps a quote is left open.");
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

    private static Dictionary<string, int[]> Columns(string[] header, IReadOnlyList<(string Canonical, string Name)> required, long line)
    {
        var columns = header.Select((name, i) => (Name: Canonical(name), Position: i)).GroupBy(c => c.Name, c => c.Position)
            .ToDictionary(g => g.Key, g => g.ToArray());
        foreach (var (canonical, name) in required.Where(r => !columns.ContainsKey(r.Canonical)))
        {
            throw new FeedFormatException(
                $"Line {line}: the column {name} is missing; found {string.Join(", ", header.Take(MaxNamedColumns))}.");
        }

        return columns;
    }

    // Without case, underscores and spaces.
    private static string Canonical(string name) => SubmissionJson.Canonical(name.Trim()).Replace(" ", "", StringComparison.Ordinal);

    private sealed record Layout(
        IReadOnlyDictionary<string, int[]> Columns, int Width, IReadOnlyList<(
            string Canonical, string Name)> Required, DelimitedDialect Dialect)
    {
        public DelimitedRow Row(string[] fields, long line, bool isClosed, bool isCut)
        {
            // Without a dialect of quotes single fields may be quoted still.
            fields = Dialect.HasQuotes ? fields : [.. fields.Select(Unquote)];
            var row = new DelimitedRow(Columns, fields, line);
            var missing = Required.FirstOrDefault(r => Columns[r.Canonical][0] >= fields.Length).Name;
            return !isClosed ? row with { Problem = $"Line {line}: a quoted field does not end properly.", IsUnreadable = true }
                : fields.Skip(Width).Any(field => !string.IsNullOrWhiteSpace(field))
                    ? row with { Problem = $"Line {line}: {fields.Length} fields instead of {Width}.", IsUnreadable = true }
                : missing is not null || (isCut && fields.Length < Width)
                    ? row with
                    {
                        Problem = $"Line {line}: {fields.Length} fields instead of {Width}{(isCut ? "; the file ends here" : "")}.",
                        IsUnreadable = isCut,
                    }
                : fields.Any(field => field.Contains('\0')) ? row with { Problem = $"Line {line}: a field holds a zero character." }
                : row;
        }

        private static string Unquote(string field) =>
            field is ['"', _, .., '"'] or ['"', '"'] ? field[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : field;
    }

    // Remembers the last character, to tell a file that was cut within a row.
    private sealed class LastCharacter(TextReader inner) : TextReader
    {
        public char? Last { get; private set; }

        public override int Read(char[] buffer, int index, int count) => Note(buffer.AsSpan(index), inner.Read(buffer, index, count));

        public override int Read(Span<char> buffer) => Note(buffer, inner.Read(buffer));

        public override async ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default)
        {
            var length = await inner.ReadAsync(buffer, cancellationToken);
            return Note(buffer.Span, length);
        }

        public override int Peek() => inner.Peek();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Note(ReadOnlySpan<char> buffer, int length)
        {
            Last = length > 0 ? buffer[length - 1] : Last;
            return length;
        }
    }
}
