using CpfPipeline.Cli.Display;
using Spectre.Console;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Display;

public sealed class ListTableTests
{
    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(160)]
    public void Write_LongLastColumn_LeavesTheOthersWhole(int width)
    {
        var table = new ListTable("model", "state", "group_id", "images", "why");
        table.Add(
            ListTable.Cell($"{7}"), new Text("refused"), ListTable.Cell($"{9223372036854775807}"), ListTable.Cell($"{12345}"),
            new Text(string.Join(' ', Enumerable.Repeat("F1 0.71 against 0.91: worse by more than the margin;", 5)) + " end"));

        var lines = Write(table, width);

        Assert.Contains(lines, l => l.Contains("refused", StringComparison.Ordinal)
            && l.Contains("│ 7", StringComparison.Ordinal) && l.Contains("9223372036854775807", StringComparison.Ordinal)
            && l.Contains("12345", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("end", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains('…', StringComparison.Ordinal));
    }

    [Fact]
    public void Write_WordLongerThanTheTerminal_IsBrokenAndNotCut()
    {
        var table = new ListTable("id", "listing");
        table.Add(ListTable.Cell($"{1}"), new Text(new string('x', 100) + "y"));

        var text = string.Concat(Write(table, 50));

        Assert.Equal(100, text.Count(c => c == 'x'));
        Assert.Contains('y', text);
    }

    [Fact]
    public void Write_ShortRows_AreNoWiderThanTheyNeedBe()
    {
        var table = new ListTable("id", "note");
        table.Add(ListTable.Cell($"{1}"), new Text("a"));

        Assert.All(Write(table, 100), l => Assert.True(l.TrimEnd().Length <= 15, l));
    }

    [Fact]
    public void Write_TextThatATerminalObeys_IsReplaced()
    {
        var table = new ListTable("id", "listing");
        table.Add(ListTable.Cell($"{1}"), new Text("shop/\u001b]0;title\u0007\u001b[31mred\u009b2J end"));

        var text = string.Concat(Write(table, 100));

        Assert.DoesNotContain(text, c => char.IsControl(c) && c is not ('\r' or '\n'));
        Assert.Contains("shop/\uFFFD]0;title\uFFFD\uFFFD[31mred\uFFFD2J end", text, StringComparison.Ordinal);
    }

    private static string[] Write(ListTable table, int width)
    {
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No });
        console.Profile.Width = width;
        table.Write(console);
        return text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
