using CpfPipeline.Matcher.Pages.Pictures;

namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>A picture of a group, with what is known of it there.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="ListingCount">How many listings show it, counted up to <see cref="GroupPageStore.MaxListingsCounted"/>.</param>
/// <param name="Nearest">How alike it is to the member most like it, and which that is; null when it stands alone.</param>
/// <param name="ToMedoid">Similarity to the medoid; null when one of the two has no embedding.</param>
public sealed record GroupMemberPicture(ShownPicture Picture, int ListingCount, Likeness? Nearest, double? ToMedoid);
