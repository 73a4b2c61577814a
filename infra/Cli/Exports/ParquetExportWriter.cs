using Parquet;
using Parquet.Schema;

namespace CpfPipeline.Cli.Exports;

/// <summary>Apache Parquet, in row groups of 100,000 rows: ids are 64-bit integers, times are UTC in microseconds.</summary>
/// <param name="output">Seekable or not; stays open.</param>
/// <param name="rowsPerGroup">Rows held in memory until they are written.</param>
internal sealed class ParquetExportWriter(Stream output, int rowsPerGroup = ParquetExportWriter.RowsPerGroup) : IExportWriter
{
    public const int RowsPerGroup = 100_000;

    private ParquetWriter? _writer;
    private IReadOnlyList<IParquetColumn> _columns = [];
    private int _rows;

    public async Task BeginAsync(IReadOnlyList<ExportColumn> columns, CancellationToken cancellationToken)
    {
        _columns = [.. columns.Select(ColumnOf)];
        _writer = await ParquetWriter.CreateAsync(
            new ParquetSchema(_columns.Select(c => c.Field)), output, cancellationToken: cancellationToken);
    }

    public async Task WriteAsync(IReadOnlyList<object?> row, CancellationToken cancellationToken)
    {
        for (var i = 0; i < _columns.Count; i++)
        {
            _columns[i].Add(row[i]);
        }

        if (++_rows >= rowsPerGroup)
        {
            await WriteGroupAsync(cancellationToken);
        }
    }

    public async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_rows > 0)
        {
            await WriteGroupAsync(cancellationToken);
        }

        // Its end writes the footer, without which nothing can be read.
        await _writer!.DisposeAsync();
        _writer = null;
    }

    public ValueTask DisposeAsync() => _writer?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task WriteGroupAsync(CancellationToken cancellationToken)
    {
        using var group = _writer!.CreateRowGroup();
        foreach (var column in _columns)
        {
            await column.WriteAsync(group, cancellationToken);
        }

        _rows = 0;
    }

    private static IParquetColumn ColumnOf(ExportColumn column) =>
        column.Type == typeof(long) ? new Values<long>(new DataField<long?>(column.Name))
        : column.Type == typeof(double) ? new Values<double>(new DataField<double?>(column.Name))
        : column.Type == typeof(bool) ? new Values<bool>(new DataField<bool?>(column.Name))
        : column.Type == typeof(DateTime) ? new Values<DateTime>(
            new DateTimeDataField(column.Name, DateTimeFormat.Timestamp, true, DateTimeTimeUnit.Micros, true))
        : new Texts(new DataField<string>(column.Name));

    private interface IParquetColumn
    {
        DataField Field { get; }

        void Add(object? value);

        Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken);
    }

    private sealed class Values<T>(DataField column) : IParquetColumn
        where T : struct
    {
        private readonly List<T?> _values = [];

        public DataField Field => column;

        public void Add(object? value) => _values.Add((T?)value);

        public async Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken)
        {
            await group.WriteAsync<T>(column, _values.ToArray(), cancellationToken: cancellationToken);
            _values.Clear();
        }
    }

    private sealed class Texts(DataField column) : IParquetColumn
    {
        private readonly List<string?> _values = [];

        public DataField Field => column;

        public void Add(object? value) => _values.Add(value?.ToString());

        public async Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken)
        {
            await group.WriteAsync(column, _values!);
            _values.Clear();
        }
    }
}
