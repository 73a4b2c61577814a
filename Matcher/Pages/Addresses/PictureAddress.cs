using System.Globalization;

namespace CpfPipeline.Matcher.Pages.Addresses;

/// <summary>Where a browser finds a picture: the routes of <c>Matcher/Contents</c>.</summary>
internal static class PictureAddress
{
    /// <summary>A thumbnail.</summary>
    /// <param name="contentId">The content.</param>
    /// <param name="size">Longest side in pixels: 320 or 960.</param>
    public static string OfThumbnail(long contentId, int size) =>
        string.Create(CultureInfo.InvariantCulture, $"/contents/{contentId}/thumbnail?size={size}");

    /// <summary>The picture itself.</summary>
    public static string OfPicture(long contentId) => string.Create(CultureInfo.InvariantCulture, $"/contents/{contentId}/picture");
}
