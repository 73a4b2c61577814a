using NetVips;

namespace CpfPipeline.Vision;

/// <summary>The libvips pipeline from a file to upright 8-bit sRGB pixels without alpha.</summary>
internal static class Rendering
{
    private static readonly double[] White = [255];

    // As an option of the loader: the thumbnail operation's own fail_on does not reach it (seen with libvips 8.18).
    private const string RefuseTruncated = "[fail_on=truncated]";

    /// <summary>At the model's size. Lazy: the caller renders it, which is where decoding happens and fails.</summary>
    /// <param name="source">The file.</param>
    /// <param name="spec">Size and rule.</param>
    /// <param name="hasProfile">The file carries an ICC profile, which is then followed.</param>
    public static Image Thumbnail(Source source, InputSpec spec, bool hasProfile)
    {
        // Force squashes to exactly this size; both fills it and cuts the centre out. Shrinks while loading where the format can.
        using var sized = Image.ThumbnailSource(
            source,
            spec.Width,
            height: spec.Height,
            size: spec.Resize == ResizeRule.Squash ? Enums.Size.Force : Enums.Size.Both,
            crop: spec.Resize == ResizeRule.Squash ? null : Enums.Interesting.Centre,
            outputProfile: Profile(hasProfile),
            optionString: RefuseTruncated);
        return ToOpaqueRgb(sized);
    }

    /// <summary>In its own size and aspect, or smaller so that no side is longer than <paramref name="longestSide"/> pixels.</summary>
    public static Image Bounded(Source source, int longestSide)
    {
        using var header = Image.NewFromSource(source, access: Enums.Access.Sequential);
        using var sized = Image.ThumbnailSource(
            source, longestSide, height: longestSide, size: Enums.Size.Down, outputProfile: Profile(HasProfile(header)),
            optionString: RefuseTruncated);
        return ToOpaqueRgb(sized);
    }

    public static bool HasProfile(Image header) => header.Contains("icc-profile-data");

    // Naming a profile makes libvips convert even pictures without one, at three times the cost of decoding them.
    private static string? Profile(bool hasProfile) => hasProfile ? "srgb" : null;

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
