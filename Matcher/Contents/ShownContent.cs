using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Contents;

/// <summary>A content that may be shown.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="Sha256">Key of its bytes, 32 bytes.</param>
/// <param name="Format">As its first bytes say.</param>
/// <param name="Width">Pixels, as stored.</param>
/// <param name="Height">Pixels, as stored.</param>
internal sealed record ShownContent(long ContentId, byte[] Sha256, string Format, int Width, int Height)
{
    /// <summary>
    /// The content type of formats that browsers show; null for others. The bytes are a stranger's: the type is told from them and not
    /// from what the stranger said.
    /// </summary>
    public string? BrowserType => Format switch
    {
        "jpeg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "avif" => "image/avif",
        _ => null,
    };

    /// <summary>The rendition for a thumbnail of a size; null when there is no such size.</summary>
    /// <param name="size">Pixels of the longer side.</param>
    public string? Thumbnail(int size) => size switch
    {
        320 => Rendition.Small,

        // Nothing is enlarged: the two sizes of a small picture are the same, and one file does for both.
        960 => Math.Max(Width, Height) <= Rendition.MaxSide(Rendition.Small) ? Rendition.Small : Rendition.Large,
        _ => null,
    };
}
