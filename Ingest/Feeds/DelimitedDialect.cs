using System.Text;
using CsvHelper;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>How a delimited text separates and quotes its fields, told from its beginning.</summary>
/// <param name="Separator">Between fields.</param>
/// <param name="HasQuotes">Whether a field may be quoted, and then hold separators and line ends.</param>
internal sealed record DelimitedDialect(char Separator, bool HasQuotes)
{
    // A quote that is left open would otherwise read the rest of the file into memory.
    private const int MaxRecordBytes = 1_000_000;

    /// <summary>The dialect of a text that begins with the sample.</summary>
    /// <param name="sample">The first characters of the text.</param>
    /// <param name="tabs">Whether fields are separated by tabs, and quoted only when the sample shows it: quotes in titles mean
    /// inches.</param>
    public static DelimitedDialect Detect(string sample, bool tabs)
    {
        var header = sample.Split('\n', '\r')[0];
        var separator = tabs || (header.Contains('\t') && !header.Contains(',') && !header.Contains(';')) ? '\t'
            : header.Contains(',') ? ','
            : header.Contains(';') ? ';'
            : ',';
        return new DelimitedDialect(separator, separator != '\t' || ShowsQuotes(sample, separator));
    }

    /// <summary>Options of a reader of this dialect.</summary>
    /// <param name="onMalformed">Called for malformed quotes.</param>
    /// <param name="isOneLine">Whether every line is a record, also within quotes.</param>
    public CsvReaderOptions Options(Action<CsvMalformedRecord> onMalformed, bool isOneLine = false) => new()
    {
        HasHeader = false,
        Separator = Separator,
        Mode = HasQuotes ? CsvMode.Rfc4180 : CsvMode.NoEscape,
        AllowLineBreaksInQuotes = !isOneLine,
        MaxRecordSize = MaxRecordBytes,
        TrackLineNumbers = true,
        OnMalformedRecord = onMalformed,
    };

    // Some field is quoted, and every quote that opens a field closes it: an exporter quoted, not a person who wrote inches.
    private static bool ShowsQuotes(string sample, char separator)
    {
        var end = sample.LastIndexOfAny(['\n', '\r']);
        var whole = end < 0 ? sample : sample[..end];
        var (isClean, isQuoted) = (true, false);
        var dialect = new DelimitedDialect(separator, HasQuotes: true);
        using var records = CsvReader.FromText(whole, dialect.Options(_ => isClean = false));
        var columns = 0;
        while (records.Read())
        {
            columns = columns == 0 ? records.FieldCount : columns;
            var raw = Encoding.UTF8.GetString(records.RawRecord);
            isQuoted |= raw.StartsWith('"') || raw.Contains($"{separator}\"", StringComparison.Ordinal);
            isClean &= raw.IndexOfAny(['\n', '\r']) < 0 || !DelimitedReader.HidesRows(raw, records.FieldCount, columns, dialect);
        }

        return isClean && isQuoted;
    }
}
