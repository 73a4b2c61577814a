using System.Globalization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Sniffing;

/// <summary>Reads format, size and frames from an image's header without decoding, and enforces the limits.</summary>
internal static class HeaderSniffer
{
    private static readonly byte[] PngSignature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Checks the whole file. Never throws. Takes time linear in the file's length.</summary>
    public static SniffOutcome Sniff(ReadOnlySpan<byte> bytes, IngestOptions limits)
    {
        if (bytes.IsEmpty)
        {
            return SniffOutcome.Refuse(RejectReasons.EmptyFile, "The file has no bytes.");
        }

        if (bytes.Length > limits.MaxImageBytes)
        {
            return SniffOutcome.Refuse(RejectReasons.TooManyBytes, Text($"{bytes.Length} bytes; the limit is {limits.MaxImageBytes}."));
        }

        var (format, parse) = Recognise(bytes);
        if (format is null)
        {
            return SniffOutcome.Refuse(
                RejectReasons.UnsupportedFormat, $"{Describe(bytes)}; accepted are JPEG, PNG, WebP, GIF, TIFF and AVIF.");
        }

        // A frame count beyond the limit need not be known exactly.
        var header = parse(bytes, limits.MaxFrames + 1);
        return header.Problem switch
        {
            HeaderProblem.Cut => SniffOutcome.Refuse(RejectReasons.Truncated, $"The {format} file ends within its header."),
            HeaderProblem.Broken => SniffOutcome.Refuse(RejectReasons.Undecodable, $"The {format} header is broken."),
            _ => Judge(new SniffedImage(format, header.Width, header.Height, Math.Max(header.Frames, 1)), limits),
        };
    }

    /// <summary>Whether the first bytes are those of an accepted format.</summary>
    public static bool IsPicture(ReadOnlySpan<byte> bytes) => Recognise(bytes).Format is not null;

    private static SniffOutcome Judge(SniffedImage image, IngestOptions limits)
    {
        if ((long)image.Width * image.Height > limits.MaxPixels)
        {
            return SniffOutcome.Refuse(
                RejectReasons.TooManyPixels, Text($"{image.Width} x {image.Height} pixels; the limit is {limits.MaxPixels} in all."));
        }

        if (Math.Min(image.Width, image.Height) < limits.MinSidePixels)
        {
            return SniffOutcome.Refuse(
                RejectReasons.TooSmall, Text($"{image.Width} x {image.Height} pixels; the shorter side must have {limits.MinSidePixels}."));
        }

        return image.Frames > limits.MaxFrames
            ? SniffOutcome.Refuse(RejectReasons.TooManyFrames, Text($"More than {limits.MaxFrames} frames."))
            : SniffOutcome.Accept(image);
    }

    private static (string? Format, HeaderParser Parse) Recognise(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFF, 0xD8, 0xFF, ..] => ("jpeg", JpegHeader.Parse),
        _ when bytes.StartsWith(PngSignature) => ("png", PngHeader.Parse),
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] =>
            ("webp", WebPHeader.Parse),
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => ("gif", GifHeader.Parse),
        [(byte)'I', (byte)'I', 0x2A or 0x2B, 0, ..] or [(byte)'M', (byte)'M', 0, 0x2A or 0x2B, ..] => ("tiff", TiffHeader.Parse),
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', (byte)'a', (byte)'v', (byte)'i', (byte)'f' or (byte)'s', ..] =>
            ("avif", AvifHeader.Parse),
        // Shorter than any signature, but the beginning of one: a file that was cut, not another format.
        _ when IsPrefixOf(bytes, [0xFF, 0xD8, 0xFF]) => ("jpeg", Cut),
        _ when IsPrefixOf(bytes, PngSignature) => ("png", Cut),
        _ => (null, Cut),
    };

    private static ImageHeader Cut(ReadOnlySpan<byte> bytes, int enoughFrames) => ImageHeader.Cut;

    private static bool IsPrefixOf(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature) =>
        bytes.Length < signature.Length && bytes.Length >= 2 && signature.StartsWith(bytes);

    private static string Describe(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [(byte)'B', (byte)'M', ..] when bytes.Length > 26 => "A BMP file",
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] => "An ISO media file (HEIC, video)",
        [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => "A PDF file",
        [(byte)'<', ..] => "A text file (HTML, XML, SVG)",
        _ => "No known image format",
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
