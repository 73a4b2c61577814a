using System.Buffers.Binary;
using CpfPipeline.Vocabulary;
using NetVips;

namespace CpfPipeline.Vision.Decode;

/// <summary>Turns libvips' error text into a reason code.</summary>
internal static class VipsFailure
{
    private static readonly byte[] PngEnd = "IEND"u8.ToArray();

    public static DecodeOutcome Explain(VipsException exception, DecodeOutcome known, ReadOnlySpan<byte> bytes)
    {
        var text = exception.Message.ReplaceLineEndings(" ").Trim();
        var reason = EndsTooSoon(text, known.Format, bytes) ? RejectReasons.Truncated : RejectReasons.Undecodable;
        return DecodeOutcome.Refused(reason, text.Length > 300 ? text[..300] : text, known.Format, known.Width, known.Height);
    }

    // JPEG and GIF have no length in their header, and their loaders say it; the others' loaders fail with any word.
    private static bool EndsTooSoon(string text, string? format, ReadOnlySpan<byte> bytes) => format switch
    {
        ImageFormat.Jpeg => text.Contains("premature end", StringComparison.OrdinalIgnoreCase),
        ImageFormat.Gif => bytes.Length < 14 || bytes[^1] != 0x3B,
        ImageFormat.Png => bytes.LastIndexOf(PngEnd) < bytes.Length - 64,
        ImageFormat.WebP => bytes.Length < 12 || BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) + 8L > bytes.Length,
        ImageFormat.Tiff => bytes.Length < 8 || FirstDirectory(bytes) >= bytes.Length,
        _ => false,
    };

    private static long FirstDirectory(ReadOnlySpan<byte> bytes) => bytes[0] == (byte)'I'
        ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..])
        : BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
}
