using NetVips;

namespace CpfPipeline.Vision;

/// <summary>Turns libvips' error text into a reason code.</summary>
internal static class VipsFailure
{
    // What the loaders of libjpeg, spng, nsgif, webp and tiff say when the bytes end too soon (seen by cutting files of each format).
    private static readonly string[] EndedTooSoon =
        ["premature end", "truncated", "unexpected end", "end of stream", "end of file", "end-of-file", "not enough data", "read error", "out of data", "insufficient data"];

    public static DecodeOutcome Explain(VipsException exception, DecodeOutcome known)
    {
        var text = exception.Message.ReplaceLineEndings(" ").Trim();
        var reason = EndedTooSoon.Any(t => text.Contains(t, StringComparison.OrdinalIgnoreCase))
            ? DecodeFailure.Truncated
            : DecodeFailure.Undecodable;
        return DecodeOutcome.Refused(reason, text.Length > 300 ? text[..300] : text, known.Format, known.Width, known.Height);
    }
}
