using CpfPipeline.Data.Models;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>Pairs that the script shows next.</summary>
/// <param name="Model">The active model.</param>
/// <param name="Pairs">The pairs.</param>
/// <param name="At">Place of the first in the queue.</param>
/// <param name="Counts">How far the reviewer is.</param>
public sealed record PairsAhead(ServingModel Model, IReadOnlyList<PairView> Pairs, int At, ReviewCounts Counts);
