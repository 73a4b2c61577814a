namespace CpfPipeline.Cli.Display;

/// <summary>A field of a CSV file by RFC 4180.</summary>
internal static class CsvField
{
    /// <summary>The field, in quotes where it needs them; nothing is an empty field.</summary>
    public static string Of(string? text) =>
        text is null ? ""
        : text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text
        : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Whether a spreadsheet may take the text for a formula and run it, by its first character.</summary>
    public static bool IsFormula(string text) =>
        text is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '＝' or '＋' or '－' or '＠', ..];
}
