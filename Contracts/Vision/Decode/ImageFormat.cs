namespace CpfPipeline.Vision.Decode;

/// <summary>The formats that are decoded, told apart by their first bytes; file names and content types are not believed.</summary>
public static class ImageFormat
{
    public const string Jpeg = "jpeg";
    public const string Png = "png";
    public const string WebP = "webp";
    public const string Gif = "gif";
    public const string Tiff = "tiff";
    public const string Avif = "avif";

    /// <summary>
    /// Every format this build can decode. The native libvips package has no BMP loader, and its libheif no HEVC, so no HEIC.
    /// </summary>
    public static IReadOnlyList<string> All { get; } = [Jpeg, Png, WebP, Gif, Tiff, Avif];

    /// <summary>The format by its signature, or null.</summary>
    public static string? Of(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFF, 0xD8, 0xFF, ..] => Jpeg,
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Png,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => WebP,
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => Gif,
        [(byte)'I', (byte)'I', 0x2A or 0x2B, 0, ..] or [(byte)'M', (byte)'M', 0, 0x2A or 0x2B, ..] => Tiff,
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', (byte)'a', (byte)'v', (byte)'i', (byte)'f' or (byte)'s', ..] => Avif,
        _ => null,
    };
}
