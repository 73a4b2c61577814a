using System.Text;
using System.Text.RegularExpressions;
using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>
/// A feed's text. The encoding is that of a byte order mark, else that of the XML declaration, else the one that the server announced,
/// else UTF-8.
/// Bytes that the encoding does not know become <see cref="SubmissionRule.UndecodableText"/>, so that the row that holds them can be
/// refused.
/// </summary>
internal static partial class FeedText
{
    private const int MaxDeclarationBytes = 1024;

    private static readonly Dictionary<string, string> Aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["utf8"] = "utf-8", ["utf-8n"] = "utf-8", ["unicode"] = "utf-16", ["ucs-2"] = "utf-16", ["utf16"] = "utf-16",
        ["cp1250"] = "windows-1250", ["cp1251"] = "windows-1251", ["cp1252"] = "windows-1252", ["cp-1252"] = "windows-1252",
        ["ansi"] = "windows-1252", ["win1252"] = "windows-1252", ["latin-1"] = "iso-8859-1", ["latin1"] = "iso-8859-1",
        ["latin-9"] = "iso-8859-15", ["latin9"] = "iso-8859-15", ["iso8859-1"] = "iso-8859-1", ["iso8859-15"] = "iso-8859-15",
        ["sjis"] = "shift_jis", ["shift-jis"] = "shift_jis", ["x-sjis"] = "shift_jis", ["cp932"] = "shift_jis",
        ["windows-31j"] = "shift_jis",
    };

    static FeedText() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>The whole text of a feed's file.</summary>
    /// <param name="path">The file; may be compressed.</param>
    /// <param name="charset">Charset that the server announced, or null.</param>
    /// <param name="isXml">Whether an XML declaration may name the encoding.</param>
    /// <param name="findings">Is told how far the file was read.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="FeedFormatException">The named encoding is not known.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<TextReader> OpenAsync(
        string path, string? charset, bool isXml, FeedFindings findings, CancellationToken cancellationToken)
    {
        var head = new byte[MaxDeclarationBytes];
        int length;
        await using (var probe = FeedFile.Open(path, findings))
        {
            length = await probe.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        }

        var encoding = FindEncoding(head.AsSpan(0, length), charset, isXml);
        return new StreamReader(FeedFile.Open(path, findings), encoding, detectEncodingFromByteOrderMarks: true, bufferSize: 64 * 1024);
    }

    internal static Encoding FindEncoding(ReadOnlySpan<byte> head, string? charset, bool isXml)
    {
        if (head is [0xEF, 0xBB, 0xBF, ..])
        {
            return Strict("utf-8")!;
        }

        if (head is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            return Strict(head[0] == 0xFF ? "utf-16" : "utf-16BE")!;
        }

        if (isXml && head is [(byte)'<', 0, ..] or [0, (byte)'<', ..])
        {
            return Strict(head[0] == 0 ? "utf-16BE" : "utf-16")!;
        }

        var declared = isXml
            && Declaration().Match(Encoding.Latin1.GetString(head)) is { Success: true } match ? match.Groups[1].Value : null;
        var name = declared ?? charset?.Trim('"', '\'', ' ');
        if (string.IsNullOrEmpty(name))
        {
            return Strict("utf-8")!;
        }

        // A text whose ASCII declaration could be read is not UTF-16, whatever it says.
        return Strict(declared is not null && name.StartsWith("utf-16", StringComparison.OrdinalIgnoreCase) ? "utf-8" : name)
            ?? throw new FeedFormatException($"The encoding {name} is not known.");
    }

    private static Encoding? Strict(string name)
    {
        try
        {
            return Encoding.GetEncoding(
                Aliases.GetValueOrDefault(name, name), EncoderFallback.ExceptionFallback, new DecoderReplacementFallback(
                    $"{SubmissionRule.UndecodableText}"));
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    [GeneratedRegex("""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']""")]
    private static partial Regex Declaration();
}
