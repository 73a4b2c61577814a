using CpfPipeline.Vision.Models;

namespace CpfPipeline.Vision.Decode;

/// <summary>
/// Turns pictures of strangers into pixels: within this process, or in others that may be killed. Safe for any number of threads.
/// </summary>
public interface IPictureDecoder
{
    /// <summary>
    /// Decodes, turns upright (EXIF), brings to 8-bit sRGB, lays transparency on its <see cref="Matte"/>, resizes by the rule and
    /// normalises. A refused picture leaves <paramref name="row"/> as it was.
    /// </summary>
    /// <param name="bytes">The file.</param>
    /// <param name="spec">What the backbone wants.</param>
    /// <param name="row"><see cref="InputSpec.RowLength"/> floats, <c>[3,H,W]</c>, normalised.</param>
    DecodeOutcome Decode(ReadOnlyMemory<byte> bytes, InputSpec spec, Span<float> row);

    /// <summary>A small WebP for a person to look at: upright, 8-bit sRGB on its matte, in its own aspect, without metadata.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="longestSide">Pixels of the longer side at most; smaller pictures keep their size.</param>
    /// <param name="webp">The thumbnail's file; empty when the picture is refused.</param>
    DecodeOutcome Thumbnail(ReadOnlyMemory<byte> bytes, int longestSide, out byte[] webp);

    /// <summary>
    /// The picture itself, for edits: upright, 8-bit sRGB on its matte, in its own aspect. Stricter than <see cref="Decode"/>: a file
    /// without its end is refused.
    /// </summary>
    /// <param name="bytes">The file.</param>
    /// <param name="longestSide">Pixels of the longer side at most; smaller pictures keep their size.</param>
    /// <param name="pixels">Null when the picture is refused.</param>
    DecodeOutcome Bounded(ReadOnlyMemory<byte> bytes, int longestSide, out BoundedPixels? pixels);
}
