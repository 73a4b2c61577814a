namespace CpfPipeline.Labels;

/// <summary>One record of a CSV file.</summary>
/// <param name="Line">Line it starts on, from 1.</param>
/// <param name="Cells">Its cells, unquoted.</param>
/// <param name="IsTorn">A quote is never closed, or text follows a closing quote.</param>
internal sealed record CsvRecord(int Line, IReadOnlyList<string> Cells, bool IsTorn)
{
    /// <summary>The cell of a column, trimmed; empty where there is none.</summary>
    public string Cell(int column) => column >= 0 && column < Cells.Count ? Cells[column].Trim() : "";
}
