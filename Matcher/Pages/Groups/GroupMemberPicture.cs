namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>A picture of a group, with what is known of it.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="Sha256">SHA-256 of its bytes, hex.</param>
/// <param name="Format">File format.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Listings">The first listings that show it.</param>
/// <param name="ListingCount">How many show it, counted up to <see cref="GroupPageStore.MaxListingsCounted"/>.</param>
public sealed record GroupMemberPicture(
    long ContentId, string Sha256, string Format, int Width, int Height, long Bytes, IReadOnlyList<Listing> Listings, int ListingCount)
{
    /// <summary>How people name it.</summary>
    public string Name => Listings is [var first, ..] ? first.Name : $"picture {Sha256[..12]}";

    /// <summary>How alike it is to the member most like it among those shown, and which that is; null when it stands alone.</summary>
    public Likeness? Nearest { get; init; }

    /// <summary>Similarity to the medoid.</summary>
    public double? ToMedoid { get; init; }
}
