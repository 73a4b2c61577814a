namespace CpfPipeline.Learning.Augmentation;

/// <summary>Changes brightness, contrast and saturation, in that order, in one pass, in place.</summary>
internal static class ColourJitter
{
    /// <param name="picture">Changed.</param>
    /// <param name="brightness">Largest relative change, 0..1: a factor on all values.</param>
    /// <param name="contrast">Largest relative change of the distance from the picture's mean lightness.</param>
    /// <param name="saturation">Largest relative change of the distance from the pixel's lightness.</param>
    /// <param name="draws">Random numbers; three are taken, whatever the limits.</param>
    public static void Apply(PixelImage picture, double brightness, double contrast, double saturation, AugmentationDraws draws)
    {
        var bright = (float)(1 + draws.Between(-brightness, brightness));
        var apart = (float)(1 + draws.Between(-contrast, contrast));
        var vivid = (float)(1 + draws.Between(-saturation, saturation));
        if ((bright, apart, vivid) == (1, 1, 1))
        {
            return;
        }

        var pixels = picture.Pixels;
        var sum = 0.0;
        for (var i = 0; i < pixels.Length; i += 3)
        {
            sum += Lightness(pixels[i], pixels[i + 1], pixels[i + 2]);
        }

        // value * bright, then away from the mean, as one factor and one offset.
        var mean = bright * (float)(sum / (pixels.Length / 3));
        var (factor, offset) = (bright * apart, mean * (1 - apart));
        for (var i = 0; i < pixels.Length; i += 3)
        {
            var (r, g, b) = ((factor * pixels[i]) + offset, (factor * pixels[i + 1]) + offset, (factor * pixels[i + 2]) + offset);
            var grey = Lightness(r, g, b) * (1 - vivid);
            pixels[i] = PixelImage.ToByte(grey + (vivid * r));
            pixels[i + 1] = PixelImage.ToByte(grey + (vivid * g));
            pixels[i + 2] = PixelImage.ToByte(grey + (vivid * b));
        }
    }

    // ITU-R BT.601, as in JPEG.
    private static float Lightness(float r, float g, float b) => (.299f * r) + (.587f * g) + (.114f * b);
}
