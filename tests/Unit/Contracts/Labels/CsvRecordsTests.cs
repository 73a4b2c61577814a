using CpfPipeline.Labels;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Labels;

public sealed class CsvRecordsTests
{
    [Theory]
    [InlineData("a,b\r\nc,d", "1:a|b 2:c|d")]
    [InlineData("a\n\n\r\nb\n", "1:a 4:b")]
    [InlineData("\"a,\"\"b\",c\n\"d\ne\"\nf\n", "1:a,\"b|c 2:d\ne 4:f")]
    [InlineData("a,,\n\"\"\n", "1:a|| 2:")]
    [InlineData("19\" screen,x\n", "1:19\" screen|x")]
    public void Read_ProperText_GivesCellsAndLines(string text, string expected) => Assert.Equal(expected, Told(text));

    [Theory]
    [InlineData("\"a,b\nc\n", "1:a,b\nc\n!")]
    [InlineData("\"a\"b,c\nd\n", "1:ab|c! 2:d")]
    [InlineData("19\" screen,\"a\"b\n", "1:19\" screen|ab!")]
    [InlineData("\"a\"\"\n", "1:a\"\n!")]
    [InlineData("a,\"", "1:a|!")]
    [InlineData("a,\"b\"c\"\n", "1:a|bc\"!")]
    public void Read_QuoteNeverClosedOrTextBehindIt_IsTorn(string text, string expected) => Assert.Equal(expected, Told(text));

    [Fact]
    public void Read_LongFile_CountsLines()
    {
        var records = CsvRecords.Read(new StringReader(string.Concat(Enumerable.Range(1, 50_000).Select(i => $"\"row {i}\",{i}\n"))), ',')
            .ToList();
        Assert.Equal(Enumerable.Range(1, 50_000).Select(i => (i, $"row {i}", false)), records.Select(r => (r.Line, r.Cells[0], r.IsTorn)));
    }

    private static string Told(string text) => string.Join(
        ' ', CsvRecords.Read(new StringReader(text), ',').Select(r => $"{r.Line}:{string.Join('|', r.Cells)}{(r.IsTorn ? "!" : "")}"));
}
