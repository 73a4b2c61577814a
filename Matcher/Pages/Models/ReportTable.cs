namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>A table of what was measured.</summary>
/// <param name="Title">What it is about.</param>
/// <param name="Columns">Names of its columns; the first one names the rows.</param>
/// <param name="Rows">Its rows, as many cells as columns.</param>
public sealed record ReportTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);
