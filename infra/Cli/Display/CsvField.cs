namespace CpfPipeline.Cli.Display;

/// <summary>A field of a CSV file by RFC 4180.</summary>
internal static class CsvField
{
    /// <summary>The field, in quotes where it needs them; nothing is an empty field.</summary>
    public static string Of(string? text) =>
        text is null ? ""
        : text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text
        : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
