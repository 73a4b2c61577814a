namespace CpfPipeline.Learning.Reports;

/// <summary>
/// The page's style sheet and script, embedded in the assembly. Both go into the page as they are, so they hold none of the characters that
/// XML wants escaped.
/// </summary>
/// <remarks>
/// Blue and orange are told apart by every kind of colour vision. Both hold a contrast of 3:1 against the page in either scheme, text
/// 4.5:1.
/// </remarks>
internal static class ReportAssets
{
    /// <summary>Ends with a line end.</summary>
    public static string Style { get; } = Read("report.css");

    /// <summary>Without the file's last line end: the page's security policy names the hash of exactly this.</summary>
    public static string Script { get; } = Read("report.js").TrimEnd('\n');

    private static string Read(string name)
    {
        using var stream = typeof(ReportAssets).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded in the assembly");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
