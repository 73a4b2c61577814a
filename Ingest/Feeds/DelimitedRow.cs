namespace CpfPipeline.Ingest.Feeds;

/// <summary>A row of delimited text.</summary>
/// <param name="Columns">Positions by canonical name; a name that stands several times in the header has several.</param>
/// <param name="Fields">The fields. Trailing ones may be left out.</param>
/// <param name="Line">Line of the file on which the row begins, from 1.</param>
internal sealed record DelimitedRow(IReadOnlyDictionary<string, int[]> Columns, string[] Fields, long Line)
{
    /// <summary>What is wrong with the row, or null.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether the row's fields are ambiguous, so that it is unknown which image it means.</summary>
    public bool IsUnreadable { get; init; }

    /// <summary>Whether the row ends before one of the columns of this name.</summary>
    public bool Lacks(string canonical) => Columns.TryGetValue(canonical, out var columns) && columns.Any(i => i >= Fields.Length);

    /// <summary>The field, trimmed; null when empty or without column.</summary>
    public string? this[string canonical] => All(canonical).FirstOrDefault();

    /// <summary>The fields of all columns of this name, trimmed, without empty ones.</summary>
    public IEnumerable<string> All(string canonical) =>
        Columns.TryGetValue(canonical, out var columns)
            ? columns.Where(i => i < Fields.Length).Select(i => Fields[i].Trim()).Where(value => value.Length > 0)
            : [];
}
