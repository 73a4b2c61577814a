using System.Globalization;
using System.Text;
using CpfPipeline.Cli.Display;

namespace CpfPipeline.Cli.Exports;

/// <summary>CSV by RFC 4180 with a header; times in ISO 8601, numbers that read back as they were, nothing for null.</summary>
internal sealed class CsvExportWriter(Stream output) : IExportWriter
{
    private readonly StreamWriter _text = new(output, new UTF8Encoding(false), bufferSize: 1 << 16, leaveOpen: true) { NewLine = "\n" };

    public Task BeginAsync(IReadOnlyList<ExportColumn> columns, CancellationToken cancellationToken) =>
        LineAsync(columns.Select(c => c.Name), cancellationToken);

    public Task WriteAsync(IReadOnlyList<object?> row, CancellationToken cancellationToken) =>
        LineAsync(row.Select(Text), cancellationToken);

    public Task EndAsync(CancellationToken cancellationToken) => _text.FlushAsync(cancellationToken);

    public ValueTask DisposeAsync() => _text.DisposeAsync();

    private Task LineAsync(IEnumerable<string?> fields, CancellationToken cancellationToken) =>
        _text.WriteLineAsync(string.Join(',', fields.Select(CsvField.Of)).AsMemory(), cancellationToken);

    private static string? Text(object? value) => value switch
    {
        null => null,
        bool flag => flag ? "true" : "false",
        DateTime time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
