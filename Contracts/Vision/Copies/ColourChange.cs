namespace CpfPipeline.Vision.Copies;

/// <summary>Changes every pixel by its own value alone.</summary>
internal static class ColourChange
{
    /// <summary>Another gamma and another contrast around the middle.</summary>
    public static RgbRaster Tone(RgbRaster raster, EditedCopies.Draws draw)
    {
        var (gamma, contrast) = (Math.Exp(draw.Between(Math.Log(.65), Math.Log(1.5))), draw.Between(.75, 1.25));
        var table = Table(v => (((Math.Pow(v, gamma) - .5) * contrast) + .5));
        return Map(raster, [table, table, table]);
    }

    /// <summary>A gain of its own for each channel.</summary>
    public static RgbRaster Tint(RgbRaster raster, EditedCopies.Draws draw) => Map(
        raster,
        [.. Enumerable.Range(0, 3).Select(_ => draw.Between(.8, 1.2)).ToArray().Select(gain => Table(v => v * gain))]);

    private static RgbRaster Map(RgbRaster raster, byte[][] tables)
    {
        var result = new byte[raster.Pixels.Length];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = tables[i % 3][raster.Pixels[i]];
        }

        return new RgbRaster(raster.Width, raster.Height, result);
    }

    private static byte[] Table(Func<double, double> of) =>
        [.. Enumerable.Range(0, 256).Select(v => (byte)Math.Round(255 * Math.Clamp(of(v / 255.0), 0, 1)))];
}
