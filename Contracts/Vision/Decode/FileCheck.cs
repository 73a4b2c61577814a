using CpfPipeline.Vision.Integrity;
using NetVips;

namespace CpfPipeline.Vision.Decode;

/// <summary>
/// What each format's loader is asked to refuse, and what the bytes themselves say. libvips' error text is never looked at: its buffer
/// is one for all threads, so that it may speak of another picture.
/// </summary>
internal static class FileCheck
{
    /// <summary>
    /// Losses that the loader would pass over in silence; null when none is seen. Looks at markers and codes, not at pixels.
    /// </summary>
    public static Damage? BeforeDecoding(string format, ReadOnlySpan<byte> bytes) => format switch
    {
        ImageFormat.Jpeg => JpegScans.FindMissing(bytes),
        ImageFormat.Gif => GifBlocks.Find(bytes),
        _ => null,
    };

    /// <summary>
    /// How much the loader is to let pass at first. libjpeg's warnings tell of lost data, libpng's errors of broken checksums. A TIFF's
    /// warnings are of unknown tags, and libwebp always refuses; a GIF was followed code by code before.
    /// </summary>
    public static Enums.FailOn Strictness(string format) => format switch
    {
        ImageFormat.Jpeg => Enums.FailOn.Warning,
        ImageFormat.Png => Enums.FailOn.Error,
        ImageFormat.Gif => Enums.FailOn.None,
        _ => Enums.FailOn.Truncated,
    };

    /// <summary>What the loader's refusal was about; null when nothing that matters to the picture is wrong.</summary>
    public static Damage? AfterRefusal(string format, ReadOnlySpan<byte> bytes) => format switch
    {
        ImageFormat.Jpeg => JpegEntropy.Find(bytes),
        ImageFormat.Png => PngChunks.Find(bytes),
        ImageFormat.WebP => WebPChunks.Find(bytes),
        ImageFormat.Tiff => TiffStrips.Find(bytes),
        ImageFormat.Avif => IsoBoxes.Find(bytes),
        _ => null,
    };

    /// <summary>
    /// What a loader is to let pass once the bytes were found whole: a missing end marker, the checksum of a chunk that is not needed.
    /// </summary>
    public static Enums.FailOn? Leniency(string format) => format switch
    {
        ImageFormat.Jpeg => Enums.FailOn.None,
        ImageFormat.Png => Enums.FailOn.Truncated,
        _ => null,
    };

    /// <summary>What the pixels betray that the loader let pass; null when nothing.</summary>
    public static Damage? AfterDecoding(string format, ReadOnlySpan<byte> bytes, PictureHeader header, RenderedPixels pixels) =>
        format == ImageFormat.Jpeg && (header.IsCmyk || UnfilledEnd.MayBe(pixels)) && JpegEntropy.Find(bytes) is { IsKnown: true } damage
            ? damage
            : null;

    /// <summary>Why the header could not be read.</summary>
    public static Damage OfHeader(string format, ReadOnlySpan<byte> bytes) =>
        BeforeDecoding(format, bytes) ?? AfterRefusal(format, bytes)
        ?? Damage.Broken($"libvips cannot read the header of the {format} file");

    /// <summary>Why the pixels could not be had, when the bytes look whole.</summary>
    public static Damage OfPixels(string format) => Damage.Broken($"libvips cannot decode the {format} file");
}
