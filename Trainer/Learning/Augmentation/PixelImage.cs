namespace CpfPipeline.Learning.Augmentation;

/// <summary>A decoded picture: 8-bit sRGB on white, upright.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Pixels"><c>[H,W,3]</c> bytes 0..255, RGB. A picture of the cache is never changed; a step's result may be, by the next step.</param>
internal sealed record PixelImage(int Height, int Width, byte[] Pixels)
{
    public Span<byte> this[int row] => Pixels.AsSpan(3 * row * Width, 3 * Width);

    /// <summary>Rounds and limits to 0..255.</summary>
    public static byte ToByte(float value) => (byte)(Math.Clamp(value, 0, 255) + .5f);
}
