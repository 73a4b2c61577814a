using NetVips;

namespace CpfPipeline.Vision.Copies;

/// <summary>A decoded picture in managed memory, 8-bit RGB, pixel after pixel.</summary>
internal sealed class RgbRaster(int width, int height, byte[] pixels)
{
    public int Width => width;

    public int Height => height;

    public byte[] Pixels => pixels;

    public static RgbRaster Of(Image image) => new(image.Width, image.Height, image.WriteToMemory<byte>());

    /// <summary>Cuts fractions of the sides off; at least one pixel stays.</summary>
    public RgbRaster Crop(double left, double top, double right, double bottom)
    {
        var (x0, y0) = ((int)Math.Round(left * width), (int)Math.Round(top * height));
        var w = Math.Max(1, width - x0 - (int)Math.Round(right * width));
        var h = Math.Max(1, height - y0 - (int)Math.Round(bottom * height));
        var result = new byte[3 * w * h];
        for (var y = 0; y < h; y++)
        {
            pixels.AsSpan(3 * (((y + y0) * width) + x0), 3 * w).CopyTo(result.AsSpan(3 * y * w));
        }

        return new RgbRaster(w, h, result);
    }

    public RgbRaster Scale(double factor)
    {
        using var image = ToImage();
        using var scaled = image.Resize(factor);
        return Of(scaled);
    }

    public byte[] ToJpeg(int quality)
    {
        using var image = ToImage();
        return image.JpegsaveBuffer(q: quality);
    }

    private Image ToImage()
    {
        using var raw = Image.NewFromMemory(pixels, width, height, 3, Enums.BandFormat.Uchar);
        return raw.Copy(interpretation: Enums.Interpretation.Srgb);
    }
}
