namespace CpfPipeline.Learning.LabelledSets;

/// <summary>One record of a CSV file.</summary>
/// <param name="Line">Line it starts on, from 1.</param>
/// <param name="Cells">Its cells, unquoted.</param>
/// <param name="IsTorn">A quote is never closed, or text follows a closing quote.</param>
internal sealed record CsvRecord(int Line, IReadOnlyList<string> Cells, bool IsTorn);
