using CpfPipeline.Matcher.Pages.Pictures;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>A pair as the review page shows it.</summary>
/// <param name="A">The one picture.</param>
/// <param name="B">The other picture.</param>
/// <param name="Similarity">Exact similarity of the stored embeddings; null when one has none.</param>
/// <param name="Standing">The verdict on the two, or null.</param>
public sealed record PairView(ShownPicture A, ShownPicture B, double? Similarity, StandingVerdict? Standing);
