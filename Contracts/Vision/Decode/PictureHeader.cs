using NetVips;

namespace CpfPipeline.Vision.Decode;

/// <summary>What libvips reads of a picture before it decodes pixels.</summary>
/// <param name="Width">Pixels as stored, before orientation.</param>
/// <param name="Height">Pixels as stored, before orientation.</param>
/// <param name="Frames">Frames or pages.</param>
/// <param name="HasProfile">It carries an ICC profile, which is then followed.</param>
/// <param name="HasAlpha">It has transparency.</param>
/// <param name="IsCmyk">Its colours are inks.</param>
internal readonly record struct PictureHeader(int Width, int Height, int Frames, bool HasProfile, bool HasAlpha, bool IsCmyk)
{
    /// <exception cref="VipsException">The header cannot be read.</exception>
    public static PictureHeader Read(Source source)
    {
        using var image = Image.NewFromSource(source, access: Enums.Access.Sequential);
        return new PictureHeader(
            image.Width, image.Height, image.Contains("n-pages") ? (int)image.Get("n-pages") : 1, image.Contains("icc-profile-data"),
            image.HasAlpha(), image.Interpretation == Enums.Interpretation.Cmyk);
    }
}
