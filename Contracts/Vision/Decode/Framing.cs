using CpfPipeline.Vision.Models;
using NetVips;

namespace CpfPipeline.Vision.Decode;

/// <summary>
/// How a picture fills a model's input. libvips decodes and resizes in one; where the input names a kernel, libvips only decodes, and
/// <see cref="Resampling"/> follows it exactly.
/// </summary>
internal static class Framing
{
    // Larger pictures are brought to this by libvips first: 64 MB are the most that one picture then takes.
    private const double MaxExactPixels = 4096 * 4096;

    /// <summary>Upright 8-bit sRGB pixels, with transparency where there is some. Lazy: the caller renders them.</summary>
    /// <param name="file">The file.</param>
    /// <param name="spec">What the backbone wants.</param>
    /// <param name="header">What its header said.</param>
    /// <param name="failOn">What the loader is to refuse.</param>
    /// <returns>At the model's size; with a kernel, at the picture's.</returns>
    public static Image Render(PictureFile file, InputSpec spec, PictureHeader header, Enums.FailOn failOn)
    {
        if (spec.Kernel != ResizeKernel.Fast)
        {
            var shrink = Math.Min(1, Math.Sqrt(MaxExactPixels / ((double)header.Width * header.Height)));
            return Rendering.Bounded(file, Math.Max(1, (int)(shrink * Math.Max(header.Width, header.Height))), header, failOn);
        }

        if (spec.Edge is not { } edge)
        {
            return Rendering.Thumbnail(file, spec, header, failOn);
        }

        using var square = Rendering.Thumbnail(file, spec with { Width = edge, Height = edge, Edge = null }, header, failOn);
        return square.ExtractArea((edge - spec.Width) / 2, (edge - spec.Height) / 2, spec.Width, spec.Height);
    }

    /// <summary>The size that a picture is brought to before its centre is cut out.</summary>
    public static (int Width, int Height) SizeOf(InputSpec spec, int width, int height)
    {
        if (spec.Resize == ResizeRule.Squash)
        {
            return (spec.Width, spec.Height);
        }

        var (across, down) = ((double)spec.Width / width, (double)spec.Height / height);
        var edge = spec.Edge ?? (across > down ? spec.Width : spec.Height);
        var isAcross = spec.Edge is null ? across > down : width < height;

        // The longer side is rounded down, as the libraries do that networks are trained with.
        return isAcross
            ? (edge, Math.Max(spec.Height, (int)((double)edge * height / width)))
            : (Math.Max(spec.Width, (int)((double)edge * width / height)), edge);
    }
}
