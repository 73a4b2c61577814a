using System.Buffers.Binary;
using CpfPipeline.Vision.Decode;

namespace CpfPipeline.Vision.Decoders;

/// <summary><see cref="BoundedPixels"/> as they lie in the shared memory: width, height, then the bytes.</summary>
internal static class BoundedResult
{
    private const int HeightAt = sizeof(int);
    private const int PixelsAt = 2 * sizeof(int);

    /// <returns>Bytes written.</returns>
    public static int Write(BoundedPixels pixels, Span<byte> output)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output, pixels.Width);
        BinaryPrimitives.WriteInt32LittleEndian(output[HeightAt..], pixels.Height);
        pixels.Rgb.CopyTo(output[PixelsAt..]);
        return PixelsAt + pixels.Rgb.Length;
    }

    /// <summary>Whether bytes can be the pixels of a picture: as many as they say, and no side longer than was asked for.</summary>
    public static bool IsOne(ReadOnlySpan<byte> made, int longestSide)
    {
        if (made.Length < PixelsAt)
        {
            return false;
        }

        var (width, height) = Size(made);
        return width > 0 && height > 0 && width <= longestSide && height <= longestSide
            && made.Length - PixelsAt == 3L * width * height;
    }

    public static BoundedPixels Read(ReadOnlySpan<byte> made)
    {
        var (width, height) = Size(made);
        return new BoundedPixels(width, height, made[PixelsAt..].ToArray());
    }

    private static (int Width, int Height) Size(ReadOnlySpan<byte> made) =>
        (BinaryPrimitives.ReadInt32LittleEndian(made), BinaryPrimitives.ReadInt32LittleEndian(made[HeightAt..]));
}
