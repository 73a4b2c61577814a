namespace CpfPipeline.Vision.Decode;

/// <summary>A picture in its own aspect, upright and opaque, no side longer than was asked for.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Rgb"><c>[H,W,3]</c> bytes: red, green, blue, pixel after pixel.</param>
public sealed record BoundedPixels(int Width, int Height, byte[] Rgb);
