namespace CpfPipeline.Cli.Gallery;

/// <summary>A small picture, or why there is none.</summary>
/// <param name="WebP">Its bytes; null when it could not be had.</param>
/// <param name="Why">Why not, in a few words.</param>
internal sealed record Thumbnail(byte[]? WebP, string Why)
{
    /// <summary>The content is erased, or being erased: its names are not to be told either.</summary>
    public static Thumbnail Erased { get; } = new(null, "erased meanwhile");

    /// <summary>The Matcher had none in time.</summary>
    public static Thumbnail Unmade { get; } = new(null, "the picture could not be had");

    public static Thumbnail Of(byte[] webp) => new(webp, "");
}
