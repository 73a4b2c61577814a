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

    public RgbRaster Blur(double deviation)
    {
        using var image = ToImage();
        using var blurred = image.Gaussblur(deviation);
        return Of(blurred);
    }

    public RgbRaster Mirror()
    {
        using var image = ToImage();
        using var mirrored = image.FlipHor();
        return Of(mirrored);
    }

    /// <summary>Turns it on a canvas that holds all of it.</summary>
    public RgbRaster Rotate(double degrees, RgbColour background)
    {
        using var image = ToImage();
        using var rotated = image.Rotate(degrees, background: [background.R, background.G, background.B]);
        return Of(rotated);
    }

    /// <summary>One colour all over.</summary>
    public static RgbRaster Filled(int width, int height, RgbColour colour)
    {
        var result = new RgbRaster(width, height, new byte[3 * width * height]);
        result.Fill(0, 0, width, height, colour);
        return result;
    }

    /// <summary>Paints a rectangle; what lies outside is left out.</summary>
    public void Fill(int x0, int y0, int w, int h, RgbColour colour)
    {
        for (var y = Math.Max(0, y0); y < Math.Min(height, y0 + h); y++)
        {
            for (var x = Math.Max(0, x0); x < Math.Min(width, x0 + w); x++)
            {
                var pixel = pixels.AsSpan(3 * ((y * width) + x), 3);
                (pixel[0], pixel[1], pixel[2]) = (colour.R, colour.G, colour.B);
            }
        }
    }

    /// <summary>Lays another picture into this one; it must fit.</summary>
    public void Paste(RgbRaster other, int x0, int y0)
    {
        for (var y = 0; y < other.Height; y++)
        {
            other.Pixels.AsSpan(3 * y * other.Width, 3 * other.Width).CopyTo(pixels.AsSpan(3 * (((y + y0) * width) + x0)));
        }
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
