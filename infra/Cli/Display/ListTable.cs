using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace CpfPipeline.Cli.Display;

/// <summary>
/// A table that loses nothing: its cells are never cut, and no column gives way to a longer one. Only the last column is broken into lines.
/// Where that does not suffice, the table is wider than the terminal, which then breaks its lines.
/// </summary>
internal sealed class ListTable(params string[] columns)
{
    private const int MinTextWidth = 24;

    // A space on either side and a line.
    private const int Frame = 3;

    private readonly List<IRenderable[]> _rows = [];

    /// <summary>A cell of text that is written the same in every culture.</summary>
    public static Text Cell(FormattableString text) => new(text.ToString(CultureInfo.InvariantCulture));

    /// <summary>Adds a row: a cell for each column.</summary>
    public void Add(params IRenderable[] cells) => _rows.Add([.. cells.Select(c => PlainText.Of(c))]);

    /// <summary>Prints the table.</summary>
    public void Write()
    {
        TableWidth.WidenWhenRedirected();
        Write(AnsiConsole.Console);
    }

    /// <summary>Prints the table on a console, which is made as wide as the table needs.</summary>
    public void Write(IAnsiConsole console)
    {
        var options = RenderOptions.Create(console);
        var widths = columns.Select((name, i) => _rows.Select(r => r[i].Measure(options, int.MaxValue).Max)
            .Append(name.Length).Max()).ToArray();
        var others = widths[..^1].Sum(w => w + Frame) + Frame + 1;
        widths[^1] = Math.Min(widths[^1], Math.Max(MinTextWidth, console.Profile.Width - others));
        console.Profile.Width = Math.Max(console.Profile.Width, others + widths[^1]);
        var table = new Table().RoundedBorder()
            .AddColumns([.. columns.Select((name, i) => new TableColumn(Markup.Escape(name)).Width(widths[i]))]);
        foreach (var row in _rows)
        {
            table.AddRow(row);
        }

        console.Write(table);
    }
}
