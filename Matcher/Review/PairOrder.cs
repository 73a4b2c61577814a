namespace CpfPipeline.Matcher.Review;

/// <summary>The order in which pairs are asked: the one that teaches most first. Pure.</summary>
/// <remarks>
/// A model learns most from the pairs it is least certain of, those at its threshold (uncertainty sampling: Lewis and Gale, 1994). Within a
/// narrow band all are about as uncertain. There the rank decides, then the distance.
/// </remarks>
internal static class PairOrder
{
    /// <summary>Width of a band on either side of the threshold, as similarity.</summary>
    public const double Band = 0.02;

    /// <summary>Puts pairs into the order.</summary>
    /// <param name="pairs">The pairs with their ranks.</param>
    /// <param name="threshold">The active model's threshold.</param>
    public static IReadOnlyList<ReviewPair> Sort(IEnumerable<(ReviewPair Pair, PairRank Rank)> pairs, double threshold) =>
    [
        .. pairs.OrderBy(p => Math.Floor(p.Pair.Distance(threshold) / Band)).ThenBy(p => p.Rank)
            .ThenBy(p => p.Pair.Distance(threshold)).ThenBy(p => p.Pair.ContentA).ThenBy(p => p.Pair.ContentB).Select(p => p.Pair),
    ];
}
