namespace CpfPipeline.Vocabulary;

/// <summary>
/// What is derived from a content's bytes for people to look at: a WebP file, upright, in sRGB on its matte, without metadata, never
/// enlarged.
/// </summary>
public static class Rendition
{
    /// <summary>At most 320 pixels on the longer side: lists.</summary>
    public const string Small = "320";

    /// <summary>At most 960 pixels on the longer side: side by side.</summary>
    public const string Large = "960";

    /// <summary>
    /// The picture in its own size, at most 4,096 pixels on the longer side: for formats that browsers do not take. More than a screen
    /// shows; WebP ends at 16,383.
    /// </summary>
    public const string Picture = "picture";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Small, Large, Picture];

    /// <summary>Most pixels of the longer side.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such rendition.</exception>
    public static int MaxSide(string rendition) => rendition switch
    {
        Small => 320,
        Large => 960,
        Picture => 4_096,
        _ => throw new ArgumentOutOfRangeException(nameof(rendition), rendition, "There is no such rendition."),
    };
}
