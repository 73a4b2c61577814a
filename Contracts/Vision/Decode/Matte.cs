namespace CpfPipeline.Vision.Decode;

/// <summary>
/// The background behind a picture's transparent parts. It is white, as on most product pages. It is black when the picture would all but
/// vanish on white: when no more than 1 pixel in 1,000 would differ from white by more than 48 of 255 in any channel, and more would differ
/// that much from black. So white drawings keep their shape, and pictures with a dark part look as they do on a page.
/// </summary>
internal static class Matte
{
    private const int Opaque = 255;
    private const int White = 255;
    private const int Black = 0;
    private const int Faint = 48;

    /// <summary>Lays pixels on their matte, in place.</summary>
    /// <param name="rgba">Red, green, blue, alpha, pixel after pixel; afterwards red, green, blue in its first three quarters.</param>
    /// <returns>Those three quarters.</returns>
    public static Span<byte> Flatten(Span<byte> rgba)
    {
        var matte = VanishesOn(rgba, White) && !VanishesOn(rgba, Black) ? Black : White;
        var (from, to) = (0, 0);
        for (; from < rgba.Length; from += 4)
        {
            var alpha = rgba[from + 3];
            rgba[to++] = Lay(rgba[from], alpha, matte);
            rgba[to++] = Lay(rgba[from + 1], alpha, matte);
            rgba[to++] = Lay(rgba[from + 2], alpha, matte);
        }

        return rgba[..to];
    }

    // As libvips flattens 8-bit pixels, to the bit.
    internal static byte Lay(int value, int alpha, int matte) => (byte)(((value * alpha) + (matte * (Opaque - alpha))) / Opaque);

    private static bool VanishesOn(ReadOnlySpan<byte> rgba, int matte)
    {
        var allowed = rgba.Length / 4 / BlankPicture.OnePixelIn;
        for (var at = 0; at < rgba.Length; at += 4)
        {
            var alpha = rgba[at + 3];
            if (Differs(rgba[at], alpha) || Differs(rgba[at + 1], alpha) || Differs(rgba[at + 2], alpha))
            {
                if (allowed-- == 0)
                {
                    return false;
                }
            }
        }

        return true;

        bool Differs(int value, int alpha) => Math.Abs(Lay(value, alpha, matte) - matte) > Faint;
    }
}
