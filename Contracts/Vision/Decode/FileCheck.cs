using CpfPipeline.Vision.Integrity;
using NetVips;

namespace CpfPipeline.Vision.Decode;

/// <summary>
/// What each format's loader must refuse, and what the bytes themselves show. libvips' error text is never used: all threads share its
/// buffer, so it may be about another picture.
/// </summary>
internal static class FileCheck
{
    /// <summary>Losses that the loader would not report. Null when none is found. Reads markers and codes, not pixels.</summary>
    public static Damage? BeforeDecoding(string format, ReadOnlySpan<byte> bytes) => format switch
    {
        ImageFormat.Jpeg => JpegScans.FindMissing(bytes),
        ImageFormat.Gif => GifBlocks.Find(bytes),
        _ => null,
    };

    /// <summary>
    /// What the loader tolerates at first. libjpeg's warnings mean lost data, libpng's errors mean broken checksums. A TIFF's warnings mean
    /// unknown tags. libwebp always refuses. A GIF was checked code by code before.
    /// </summary>
    public static Enums.FailOn Strictness(string format) => format switch
    {
        ImageFormat.Jpeg => Enums.FailOn.Warning,
        ImageFormat.Png => Enums.FailOn.Error,
        ImageFormat.Gif => Enums.FailOn.None,
        _ => Enums.FailOn.Truncated,
    };

    /// <summary>Why the loader refused. Null when nothing is wrong that matters to the picture.</summary>
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
    /// What a loader tolerates once the bytes were found complete: a missing end marker, or the checksum of a chunk that is not needed.
    /// </summary>
    public static Enums.FailOn? Leniency(string format) => format switch
    {
        ImageFormat.Jpeg => Enums.FailOn.None,
        ImageFormat.Png => Enums.FailOn.Truncated,
        _ => null,
    };

    /// <summary>Damage that the loader tolerated and that shows in the pixels. Null when there is none.</summary>
    public static Damage? AfterDecoding(string format, ReadOnlySpan<byte> bytes, PictureHeader header, RenderedPixels pixels) =>
        format == ImageFormat.Jpeg && (header.IsCmyk || UnfilledEnd.MayBe(pixels)) ? JpegEntropy.Find(bytes) : null;

    /// <summary>Why the header could not be read.</summary>
    public static Damage OfHeader(string format, ReadOnlySpan<byte> bytes) =>
        BeforeDecoding(format, bytes) ?? AfterRefusal(format, bytes)
        ?? Damage.Broken($"libvips cannot read the header of the {format} file");

    /// <summary>Why decoding failed although the bytes look complete.</summary>
    public static Damage OfPixels(string format) => Damage.Broken($"libvips cannot decode the {format} file");
}
