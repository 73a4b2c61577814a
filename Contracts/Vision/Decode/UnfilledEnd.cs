namespace CpfPipeline.Vision.Decode;

/// <summary>
/// Whether a decoded JPEG may lack its end. libjpeg fills what is missing with middle grey, and libvips looks for its warnings before each
/// strip of rows and not after the last one. A grey corner, whichever way the picture was turned, is reason enough to follow the codes.
/// </summary>
internal static class UnfilledEnd
{
    private const int MiddleGrey = 128;

    // Colour profiles move the grey a little, and keep it neutral.
    private const int MaxShift = 24;
    private const int MaxTint = 4;

    public static bool MayBe(RenderedPixels pixels)
    {
        var rgb = pixels.Span;
        var row = 3 * pixels.Width;
        var last = rgb.Length - row;
        return IsGrey(rgb[..3]) || IsGrey(rgb.Slice(row - 3, 3)) || IsGrey(rgb.Slice(last, 3)) || IsGrey(rgb[^3..]);
    }

    private static bool IsGrey(ReadOnlySpan<byte> pixel) =>
        Math.Abs(pixel[0] - MiddleGrey) <= MaxShift && Math.Abs(pixel[0] - pixel[1]) <= MaxTint && Math.Abs(pixel[1] - pixel[2]) <= MaxTint;
}
