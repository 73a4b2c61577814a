using System.Text.Encodings.Web;
using System.Text.Json;

namespace CpfPipeline.Cli.Exports;

/// <summary>A JSON object a line; ids are strings.</summary>
internal sealed class NdjsonExportWriter : IExportWriter
{
    private static readonly byte[] LineEnd = "\n"u8.ToArray();
    private readonly BufferedStream _output;
    private readonly Utf8JsonWriter _json;
    private IReadOnlyList<ExportColumn> _columns = [];

    public NdjsonExportWriter(Stream output)
    {
        _output = new BufferedStream(output, 1 << 16);
        _json = new Utf8JsonWriter(_output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    public Task BeginAsync(IReadOnlyList<ExportColumn> columns, CancellationToken cancellationToken)
    {
        _columns = columns;
        return Task.CompletedTask;
    }

    public async Task WriteAsync(IReadOnlyList<object?> row, CancellationToken cancellationToken)
    {
        _json.WriteStartObject();
        for (var i = 0; i < _columns.Count; i++)
        {
            Write(_columns[i], row[i]);
        }

        _json.WriteEndObject();
        await _json.FlushAsync(cancellationToken);
        await _output.WriteAsync(LineEnd, cancellationToken);
        _json.Reset();
    }

    public Task EndAsync(CancellationToken cancellationToken) => _output.FlushAsync(cancellationToken);

    public ValueTask DisposeAsync() => _json.DisposeAsync();

    private void Write(ExportColumn column, object? value)
    {
        switch (value)
        {
            case null:
                _json.WriteNull(column.Name);
                break;
            case bool flag:
                _json.WriteBoolean(column.Name, flag);
                break;
            case long number when column.IsId:
                _json.WriteString(column.Name, number.ToString(System.Globalization.CultureInfo.InvariantCulture));
                break;
            case long number:
                _json.WriteNumber(column.Name, number);
                break;
            case double number:
                _json.WriteNumber(column.Name, number);
                break;
            case DateTime time:
                _json.WriteString(column.Name, time);
                break;
            default:
                _json.WriteString(column.Name, value.ToString());
                break;
        }
    }
}
