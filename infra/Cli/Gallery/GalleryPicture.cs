namespace CpfPipeline.Cli.Gallery;

/// <summary>A picture of a group.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="IsMedoid">Whether it is the one most similar to all others.</param>
/// <param name="ToMedoid">Similarity to the medoid; null when unknown.</param>
/// <param name="Listings">The first listings that show it, by source and id.</param>
/// <param name="ListingCount">How many show it, counted up to <see cref="GalleryReader.MaxListingsCounted"/>.</param>
internal sealed record GalleryPicture(
    long ContentId, bool IsMedoid, double? ToMedoid, IReadOnlyList<ShownListing> Listings, int ListingCount);
