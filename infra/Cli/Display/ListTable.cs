using System.Globalization;
using Spectre.Console;

namespace CpfPipeline.Cli.Display;

/// <summary>A table whose cells are not broken within a line.</summary>
internal sealed class ListTable(params string[] columns)
{
    private readonly Table _table = new Table().RoundedBorder().AddColumns([.. columns.Select(name => new TableColumn(name).NoWrap())]);

    /// <summary>A cell of text that is written the same in every culture.</summary>
    public static Text Cell(FormattableString text) => new(text.ToString(CultureInfo.InvariantCulture));

    /// <summary>Adds a row: a cell for each column.</summary>
    public void Add(params Spectre.Console.Rendering.IRenderable[] cells) => _table.AddRow(cells);

    /// <summary>Prints the table.</summary>
    public void Write()
    {
        TableWidth.WidenWhenRedirected();
        AnsiConsole.Write(_table);
    }
}
