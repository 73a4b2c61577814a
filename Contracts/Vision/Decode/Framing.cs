using CpfPipeline.Vision.Models;
using NetVips;

namespace CpfPipeline.Vision.Decode;

/// <summary>
/// How a picture fills a model's input where that is more than one size: an edge apart from the crop, or a kernel of its own.
/// </summary>
internal static class Framing
{
    // More pixels a side than any format can have that is let in.
    private const int AnySide = 1_000_000;

    /// <summary>Upright 8-bit sRGB pixels of the model's size, with transparency where there is some. Lazy: the caller renders it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="spec">What the backbone wants.</param>
    /// <param name="header">What its header said.</param>
    /// <param name="failOn">What the loader is to refuse.</param>
    public static Image Render(PictureFile file, InputSpec spec, PictureHeader header, Enums.FailOn failOn)
    {
        if (spec.Kernel != ResizeKernel.Fast)
        {
            using var whole = Rendering.Bounded(file, AnySide, header, failOn);
            using var resized = whole.HasAlpha() ? ResizedWithAlpha(whole, spec) : Resized(whole, spec);
            return Centre(resized, spec);
        }

        if (spec.Edge is not { } edge)
        {
            return Rendering.Thumbnail(file, spec, header, failOn);
        }

        using var square = Rendering.Thumbnail(file, spec with { Width = edge, Height = edge, Edge = null }, header, failOn);
        return Centre(square, spec);
    }

    /// <summary>The size that a picture is brought to before its centre is cut out.</summary>
    internal static (int Width, int Height) SizeOf(InputSpec spec, int width, int height)
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

    private static Image Resized(Image image, InputSpec spec)
    {
        var (width, height) = SizeOf(spec, image.Width, image.Height);
        return image.Resize((double)width / image.Width, vscale: (double)height / image.Height, kernel: KernelOf(spec.Kernel), gap: 0);
    }

    // Colours that cannot be seen must not run into those that can.
    private static Image ResizedWithAlpha(Image image, InputSpec spec)
    {
        using var weighted = image.Premultiply();
        using var resized = Resized(weighted, spec);
        using var colours = resized.Unpremultiply();
        using var rounded = colours.Rint();
        return rounded.Cast(Enums.BandFormat.Uchar);
    }

    private static Image Centre(Image image, InputSpec spec) => image.ExtractArea(
        (image.Width - spec.Width) / 2, (image.Height - spec.Height) / 2, spec.Width, spec.Height);

    private static Enums.Kernel KernelOf(ResizeKernel kernel) => kernel switch
    {
        ResizeKernel.Nearest => Enums.Kernel.Nearest,
        ResizeKernel.Bilinear => Enums.Kernel.Linear,
        ResizeKernel.Bicubic => Enums.Kernel.Cubic,
        ResizeKernel.Lanczos => Enums.Kernel.Lanczos3,
        _ => throw new ArgumentOutOfRangeException(nameof(kernel)),
    };
}
