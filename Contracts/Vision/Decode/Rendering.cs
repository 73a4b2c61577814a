using NetVips;

namespace CpfPipeline.Vision;

/// <summary>The libvips pipeline from a file to upright 8-bit sRGB pixels without alpha.</summary>
internal static class Rendering
{
    private static readonly double[] White = [255];

    /// <summary>At the model's size. Lazy: the caller renders it, which is where decoding happens and fails.</summary>
    public static Image Thumbnail(Source source, InputSpec spec)
    {
        // Force squashes to exactly this size; both fills it and cuts the centre out. Shrinks while loading where the format can.
        using var sized = Image.ThumbnailSource(
            source,
            spec.Width,
            height: spec.Height,
            size: spec.Resize == ResizeRule.Squash ? Enums.Size.Force : Enums.Size.Both,
            crop: spec.Resize == ResizeRule.Squash ? null : Enums.Interesting.Centre,
            outputProfile: "srgb",
            failOn: Enums.FailOn.Truncated);
        return ToOpaqueRgb(sized);
    }

    /// <summary>The whole picture in its own size, in memory.</summary>
    public static Image Full(Source source)
    {
        using var loaded = Image.NewFromSource(source, access: Enums.Access.Random, failOn: Enums.FailOn.Truncated);
        using var upright = loaded.Autorot();
        using var managed = upright.Contains("icc-profile-data")
            ? upright.IccTransform("srgb", embedded: true, depth: 8)
            : upright.Copy();
        using var rgb = ToOpaqueRgb(managed);
        return rgb.CopyMemory();
    }

    private static Image ToOpaqueRgb(Image image)
    {
        var current = image.Copy();
        if (current.Interpretation != Enums.Interpretation.Srgb)
        {
            // Grey, 16 bit, linear light, CMYK without a profile.
            current = Then(current, current.Colourspace(Enums.Interpretation.Srgb));
        }

        if (current.Format != Enums.BandFormat.Uchar)
        {
            current = Then(current, current.Cast(Enums.BandFormat.Uchar));
        }

        if (current.Bands > 4)
        {
            current = Then(current, current.ExtractBand(0, n: 4));
        }

        if (current.HasAlpha())
        {
            current = Then(current, current.Flatten(background: White));
        }

        return current.Bands == 3
            ? current
            : throw new VipsException($"a picture of {current.Bands} bands is not understood");
    }

    private static Image Then(Image before, Image after)
    {
        before.Dispose();
        return after;
    }
}
