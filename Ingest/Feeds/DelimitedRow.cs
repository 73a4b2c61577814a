namespace CpfPipeline.Ingest.Feeds;

/// <summary>A row of delimited text.</summary>
/// <param name="Columns">Position by canonical name.</param>
/// <param name="Fields">The fields.</param>
/// <param name="Problem">What is wrong with the row, or null.</param>
internal sealed record DelimitedRow(IReadOnlyDictionary<string, int> Columns, string[] Fields, string? Problem)
{
    /// <summary>The field, trimmed; null when empty or without column.</summary>
    public string? this[string canonical] =>
        Columns.TryGetValue(canonical, out var i) && i < Fields.Length && Fields[i].Trim() is { Length: > 0 } value ? value : null;
}
