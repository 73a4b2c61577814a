namespace CpfPipeline.Matcher.Pages.Pictures;

/// <summary>A picture as pages show it.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="Name">How people name it.</param>
/// <param name="Format">File format.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Listings">The first listings that show it.</param>
public sealed record ShownPicture(
    long ContentId, string Name, string Format, int Width, int Height, long Bytes, IReadOnlyList<Listing> Listings)
{
    /// <summary>The product keys of these listings.</summary>
    public IReadOnlyList<string> ProductKeys => [.. Listings.Select(l => l.ProductKey).OfType<string>().Distinct()];
}
