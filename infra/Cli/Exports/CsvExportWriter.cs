using System.Globalization;
using System.Text;
using CpfPipeline.Cli.Display;

namespace CpfPipeline.Cli.Exports;

/// <summary>CSV by RFC 4180 with a header; times in ISO 8601, numbers that read back as they were, nothing for null.</summary>
/// <param name="output">Where it goes.</param>
/// <param name="forSpreadsheets">
/// Whether people open it in a spreadsheet. Then text that it would run as a formula, and ids, of which it would keep 15 digits, begin with
/// an apostrophe. Without it every field is what the view has.
/// </param>
internal sealed class CsvExportWriter(Stream output, bool forSpreadsheets = false) : IExportWriter
{
    private IReadOnlyList<ExportColumn> _columns = [];

    private readonly StreamWriter _text = new(output, new UTF8Encoding(false), bufferSize: 1 << 16, leaveOpen: true) { NewLine = "\n" };

    public Task BeginAsync(IReadOnlyList<ExportColumn> columns, CancellationToken cancellationToken)
    {
        _columns = columns;
        return LineAsync(columns.Select(c => c.Name), cancellationToken);
    }

    public Task WriteAsync(IReadOnlyList<object?> row, CancellationToken cancellationToken) =>
        LineAsync(forSpreadsheets ? row.Select(SpreadsheetText) : row.Select(Text), cancellationToken);

    public Task EndAsync(CancellationToken cancellationToken) => _text.FlushAsync(cancellationToken);

    public ValueTask DisposeAsync() => _text.DisposeAsync();

    private Task LineAsync(IEnumerable<string?> fields, CancellationToken cancellationToken) =>
        _text.WriteLineAsync(string.Join(',', fields.Select(CsvField.Of)).AsMemory(), cancellationToken);

    private string? SpreadsheetText(object? value, int column)
    {
        var text = Text(value);
        return text is not null && (_columns[column].IsId || (value is string && CsvField.IsFormula(text))) ? $"'{text}" : text;
    }

    private static string? Text(object? value) => value switch
    {
        null => null,
        bool flag => flag ? "true" : "false",
        DateTime time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
