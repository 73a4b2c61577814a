namespace CpfPipeline.Vision.Decode;

/// <summary>
/// A picture of one colour, which shows no product: no more than 1 pixel in 1,000 differs from the picture's median colour by more than
/// 8 of 255 in any channel, at the model's input size. Noise of compression stays within that (a standard deviation of 2.4 does).
/// </summary>
internal static class BlankPicture
{
    /// <summary>One pixel in so many may have another colour.</summary>
    internal const int OnePixelIn = 1000;

    private const int MaxDeviation = 8;
    private const int Samples = 225;

    // Not a multiple of usual widths, so that the first samples are spread over the picture and a few decide most pictures.
    private const int Stride = 997;

    /// <param name="rgb">Red, green, blue, pixel after pixel.</param>
    public static bool Is(ReadOnlySpan<byte> rgb)
    {
        var pixels = rgb.Length / 3;
        var (red, green, blue) = (Median(rgb, pixels, 0), Median(rgb, pixels, 1), Median(rgb, pixels, 2));
        var allowed = pixels / OnePixelIn;
        var step = pixels % Stride == 0 ? 1 : Stride;
        for (int i = 0, pixel = 0; i < pixels; i++, pixel = (pixel + step) % pixels)
        {
            var at = 3 * pixel;
            if (Math.Abs(rgb[at] - red) > MaxDeviation || Math.Abs(rgb[at + 1] - green) > MaxDeviation
                || Math.Abs(rgb[at + 2] - blue) > MaxDeviation)
            {
                if (allowed-- == 0)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static int Median(ReadOnlySpan<byte> rgb, int pixels, int channel)
    {
        Span<byte> samples = stackalloc byte[Samples];
        for (var i = 0; i < Samples; i++)
        {
            samples[i] = rgb[(3 * (int)((long)i * pixels / Samples)) + channel];
        }

        samples.Sort();
        return samples[Samples / 2];
    }
}
