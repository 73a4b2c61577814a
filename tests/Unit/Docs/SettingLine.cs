namespace CpfPipeline.Tests.Unit.Docs;

/// <summary>One setting of a service, as the reference lists it.</summary>
/// <param name="Key">As on a command line and in JSON: <c>Ingest:MaxImageBytes</c>.</param>
/// <param name="Kind">What its value is, with its range.</param>
/// <param name="Default">The value that it has without being set.</param>
/// <param name="Meaning">What its documentation says.</param>
internal sealed record SettingLine(string Key, string Kind, string Default, string Meaning)
{
    /// <summary>The environment variable; of a list the first entry's.</summary>
    public string Variable => Key.Replace(":", "__", StringComparison.Ordinal) + (IsList ? "__0" : "");

    /// <summary>Whether it has several values.</summary>
    public bool IsList => Kind.StartsWith("list", StringComparison.Ordinal);

    /// <summary>A row of the reference's tables.</summary>
    public override string ToString() => $"| `{Key}` | `{Variable}` | {Cell(Kind)} | {Cell(Default)} | {Cell(Meaning)} |";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
