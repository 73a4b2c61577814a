using System.Text;
using CpfPipeline.Cli.Exports;
using Parquet;
using Parquet.Schema;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Exports;

public sealed class ExportWriterTests
{
    private static readonly DateTime Time = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private static readonly ExportColumn[] Columns =
    [
        new("group_id", typeof(long), true), new("images", typeof(long), false), new("similarity", typeof(double), false),
        new("matches", typeof(bool), false), new("at", typeof(DateTime), false), new("name", typeof(string), false),
    ];

    private static readonly object?[][] Rows =
    [
        [9223372036854775807L, 2L, 0.1 + 0.2, true, Time.AddTicks(10), "a, \"b\"\nc"],
        [1L, null, null, null, null, null],
        [2L, 3L, -1.0, false, Time, "é"],
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Csv_EveryType_IsWrittenByRfc4180() => Assert.Equal(
        """
        group_id,images,similarity,matches,at,name
        9223372036854775807,2,0.30000000000000004,true,2026-01-02T03:04:05.000001Z,"a, ""b""
        c"
        1,,,,,
        2,3,-1,false,2026-01-02T03:04:05.000000Z,é

        """, Encoding.UTF8.GetString(await WriteAsync(s => new CsvExportWriter(s))));

    [Theory]
    [InlineData("=1+2", "'=1+2")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@sum(a1)", "'@sum(a1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("=\"a\",1", "\"'=\"\"a\"\",1\"")]
    [InlineData("a=1", "a=1")]
    [InlineData("", "")]
    public async Task Csv_TextOfAFormula_IsTextToASpreadsheetAndUnchangedToPrograms(string text, string expected)
    {
        object?[][] rows = [[9223372036854775807L, -2L, -0.5, null, null, text]];

        Assert.Equal(
            $"'9223372036854775807,-2,-0.5,,,{expected}\n",
            (await WriteTextAsync(s => new CsvExportWriter(s, forSpreadsheets: true), rows)).Split('\n', 2)[1]);
        Assert.Equal(
            $"9223372036854775807,-2,-0.5,,,{expected.Replace("'", "", StringComparison.Ordinal)}\n",
            (await WriteTextAsync(s => new CsvExportWriter(s), rows)).Split('\n', 2)[1]);
    }

    [Fact]
    public async Task Ndjson_EveryType_IsAnObjectALineWithIdsAsStrings() => Assert.Equal(
        """
        {"group_id":"9223372036854775807","images":2,"similarity":0.30000000000000004,"matches":true,
         "at":"2026-01-02T03:04:05.000001Z","name":"a, \"b\"\nc"}
        {"group_id":"1","images":null,"similarity":null,"matches":null,"at":null,"name":null}
        {"group_id":"2","images":3,"similarity":-1,"matches":false,"at":"2026-01-02T03:04:05Z","name":"é"}

        """.Replace(",\n ", ",", StringComparison.Ordinal), Encoding.UTF8.GetString(await WriteAsync(s => new NdjsonExportWriter(s))));

    [Fact]
    public async Task Parquet_RowsOfSeveralGroups_ReadBackAsTheyWere()
    {
        var bytes = await WriteAsync(s => new ParquetExportWriter(s, rowsPerGroup: 2));

        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(bytes), cancellationToken: Token);
        Assert.Equal(2, reader.RowGroupCount);
        Assert.Equal(Columns.Select(c => c.Name), reader.Schema.DataFields.Select(f => f.Name));
        Assert.Equal([9223372036854775807L, 1L, 2L], (await ReadAsync<long>(reader, 0)).Select(v => v!.Value));
        Assert.Equal([2L, null, 3L], await ReadAsync<long>(reader, 1));
        Assert.Equal([0.1 + 0.2, null, -1.0], await ReadAsync<double>(reader, 2));
        Assert.Equal([true, null, false], await ReadAsync<bool>(reader, 3));
        Assert.Equal([Time.AddTicks(10), null, Time], await ReadAsync<DateTime>(reader, 4));
        Assert.Equal(["a, \"b\"\nc", null, "é"], await ReadTextsAsync(reader, 5));
    }

    private static async Task<string> WriteTextAsync(Func<Stream, IExportWriter> make, object?[][] rows) =>
        Encoding.UTF8.GetString(await WriteAsync(make, rows));

    private static async Task<byte[]> WriteAsync(Func<Stream, IExportWriter> make, object?[][]? rows = null)
    {
        using var stream = new MemoryStream();
        await using (var writer = make(stream))
        {
            await writer.BeginAsync(Columns, Token);
            foreach (var row in rows ?? Rows)
            {
                await writer.WriteAsync(row, Token);
            }

            await writer.EndAsync(Token);
        }

        return stream.ToArray();
    }

    private static async Task<List<T?>> ReadAsync<T>(ParquetReader reader, int column)
        where T : struct
    {
        var values = new List<T?>();
        foreach (var (group, field) in Groups(reader, column))
        {
            var part = new T?[group.RowCount];
            await group.ReadAsync<T>(field, part.AsMemory(), cancellationToken: Token);
            values.AddRange(part);
        }

        return values;
    }

    private static async Task<List<string?>> ReadTextsAsync(ParquetReader reader, int column)
    {
        var values = new List<string?>();
        foreach (var (group, field) in Groups(reader, column))
        {
            var part = new string?[group.RowCount];
            await group.ReadAsync(field, part.AsMemory(), cancellationToken: Token);
            values.AddRange(part);
        }

        return values;
    }

    private static IEnumerable<(ParquetRowGroupReader Group, DataField Field)> Groups(ParquetReader reader, int column) =>
        Enumerable.Range(0, reader.RowGroupCount).Select(i => (reader.OpenRowGroupReader(i), reader.Schema.DataFields[column]));
}
