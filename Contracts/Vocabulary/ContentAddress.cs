using System.Globalization;

namespace CpfPipeline.Vocabulary;

/// <summary>
/// Where the Matcher shows contents, without its host. Its own pages lead there, and so do the reports of models, which it serves.
/// </summary>
public static class ContentAddress
{
    /// <summary>What the addresses of pictures begin with.</summary>
    public const string Contents = "/contents";

    /// <summary>The page of two pictures, without their ids.</summary>
    public const string Pair = "/review/pair";

    /// <summary>A thumbnail.</summary>
    /// <param name="contentId">The content.</param>
    /// <param name="size">Longest side in pixels: 320 or 960.</param>
    public static string OfThumbnail(long contentId, int size) =>
        string.Create(CultureInfo.InvariantCulture, $"{Contents}/{contentId}/thumbnail?size={size}");

    /// <summary>The picture itself.</summary>
    public static string OfPicture(long contentId) => string.Create(CultureInfo.InvariantCulture, $"{Contents}/{contentId}/picture");

    /// <summary>Two pictures, side by side.</summary>
    public static string OfPair(long a, long b) => string.Create(CultureInfo.InvariantCulture, $"{Pair}?a={a}&b={b}");
}
