using CpfPipeline.Vision.Models;
using NetVips;

namespace CpfPipeline.Vision.Decode;

/// <summary>The libvips pipeline from a file to upright 8-bit sRGB pixels without alpha.</summary>
internal static class Rendering
{
    private static readonly double[] White = [255];

    // As an option of the loader: the thumbnail operation's own fail_on does not reach it (seen with libvips 8.18).
    private const string RefuseTruncated = "[fail_on=truncated]";

    /// <summary>At the model's size. Lazy: the caller renders it, which is where decoding happens and fails.</summary>
    /// <param name="source">The file.</param>
    /// <param name="spec">Size and rule.</param>
    /// <param name="header">What its header said.</param>
    /// <param name="hasProfile">The file carries an ICC profile, which is then followed.</param>
    public static Image Thumbnail(Source source, InputSpec spec, DecodeOutcome header, bool hasProfile)
    {
        // Force squashes to exactly this size; both fills it and cuts the centre out.
        var size = spec.Resize == ResizeRule.Squash ? Enums.Size.Force : Enums.Size.Both;
        Enums.Interesting? crop = spec.Resize == ResizeRule.Squash ? null : Enums.Interesting.Centre;
        var shrink = header.Format == ImageFormat.Jpeg ? Shrink(header, spec) : 1;
        if (shrink == 1)
        {
            using var sized = Image.ThumbnailSource(
                source, spec.Width, height: spec.Height, size: size, crop: crop, outputProfile: Profile(hasProfile),
                optionString: RefuseTruncated);
            return ToOpaqueRgb(sized);
        }

        using var loaded = Image.JpegloadSource(
            source, shrink: shrink, access: Enums.Access.Sequential, failOn: Enums.FailOn.Truncated);
        using var fitted = loaded.ThumbnailImage(
            spec.Width, height: spec.Height, size: size, crop: crop, outputProfile: Profile(hasProfile));
        return ToOpaqueRgb(fitted);
    }

    // libjpeg's decoder gives 1/2, 1/4 and 1/8 for less than the whole costs. The thumbnail operation stops one step earlier
    // (it keeps twice the target): 4.7 against 3.3 ms for 500 x 500 to 224 x 224, with 0.5 of 255 between the pixels on average.
    private static int Shrink(DecodeOutcome header, InputSpec spec)
    {
        // The shorter side against the longer target: right however the picture is turned.
        var ratio = Math.Min(header.Width, header.Height) / Math.Max(spec.Width, spec.Height);
        return ratio switch { >= 8 => 8, >= 4 => 4, >= 2 => 2, _ => 1 };
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
