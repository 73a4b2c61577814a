using CpfPipeline.Matcher.Pages.Groups;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>A picture of a pair under review.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="Sha256">SHA-256 of its bytes, hex.</param>
/// <param name="Format">File format.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Listings">The first listings that show it.</param>
public sealed record PairPicture(
    long ContentId, string Sha256, string Format, int Width, int Height, long Bytes, IReadOnlyList<Listing> Listings)
{
    /// <summary>How people name it.</summary>
    public string Name => Listings is [var first, ..] ? first.Name : $"picture {Sha256[..12]}";
}
