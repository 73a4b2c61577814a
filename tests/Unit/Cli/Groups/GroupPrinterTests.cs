using System.Text;
using System.Text.Json;
using CpfPipeline.Cli.Groups;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Groups;

public sealed class GroupPrinterTests
{
    private static readonly ListedMember[] Rows =
    [
        new(1, 7, "a", "x", null, "00"),
        new(1, 7, "b", "y \"quoted\", with comma", "key", "01"),
        new(5, 7, "a", "line\nbreak", "k", "02"),
        new(5, 7, "a", "\"z\"", null, "02"),
    ];

    [Fact]
    public async Task WriteJsonAsync_TwoGroups_HasTheDocumentedForm()
    {
        var text = await WriteAsync((rows, output) =>
            GroupPrinter.WriteJsonAsync(rows, output, indented: false, CancellationToken.None), Rows);

        Assert.Equal(
            """[{"group_id":1,"model_id":7,"members":[{"source":"a","external_id":"x","product_key":null,"sha256":"00"},"""
            + """{"source":"b","external_id":"y \u0022quoted\u0022, with comma","product_key":"key","sha256":"01"}]},"""
            + """{"group_id":5,"model_id":7,"members":[{"source":"a","external_id":"line\nbreak","product_key":"k","sha256":"02"},"""
            + """{"source":"a","external_id":"\u0022z\u0022","product_key":null,"sha256":"02"}]}]""" + "\n",
            text);
    }

    [Fact]
    public async Task WriteJsonAsync_NoGroups_IsAnEmptyArray() =>
        Assert.Equal("[]\n",
            await WriteAsync((rows, output) => GroupPrinter.WriteJsonAsync(rows, output, indented: true, CancellationToken.None), []));

    [Fact]
    public async Task WriteJsonAsync_MoreThanABuffer_StaysWhole()
    {
        var many = Enumerable.Range(0, 5000)
            .Select(i => new ListedMember(i / 2, 1, "source", $"image {i}", null, new string('f', 64))).ToArray();

        var text = await WriteAsync((rows, output) =>
            GroupPrinter.WriteJsonAsync(rows, output, indented: true, CancellationToken.None), many);

        using var document = JsonDocument.Parse(text);
        Assert.Equal(2500, document.RootElement.GetArrayLength());
        Assert.All(document.RootElement.EnumerateArray(), g => Assert.Equal(2, g.GetProperty("members").GetArrayLength()));
    }

    [Fact]
    public async Task WriteCsvAsync_SpecialCharacters_AreQuoted()
    {
        var text = await WriteAsync((rows, output) => GroupPrinter.WriteCsvAsync(rows, output, CancellationToken.None), Rows);

        Assert.Equal(
            "group_id,source,external_id,product_key,sha256\n1,a,x,,00\n1,b,\"y \"\"quoted\"\", with "
                + "comma\",key,01\n5,a,\"line\nbreak\",k,02\n5,a,\"\"\"z\"\"\",,02\n",
            text);
    }

    private static async Task<string> WriteAsync(Func<IAsyncEnumerable<ListedMember>, Stream, Task> write, ListedMember[] rows)
    {
        var output = new MemoryStream();
        await write(rows.ToAsyncEnumerable(), output);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
