using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Review;

/// <summary>Ranks pairs by their listings.</summary>
internal static class PairRanks
{
    /// <summary>The rank of two pictures with these listings.</summary>
    public static PairRank Of(IReadOnlyCollection<ListingKey> a, IReadOnlyCollection<ListingKey> b) =>
        Disagree(a, b) ? PairRank.KeysDisagree
        : a.Any(x => b.Any(y => y.Source != x.Source)) ? PairRank.AcrossSources
        : PairRank.Plain;

    // Keys differ surely when both are global or both are of one source. Two pictures that share a key as well do not disagree.
    private static bool Disagree(IReadOnlyCollection<ListingKey> a, IReadOnlyCollection<ListingKey> b)
    {
        var comparable = a.SelectMany(x => b.Where(y => AreComparable(x, y)).Select(y => x.ProductKey == y.ProductKey)).ToList();
        return comparable.Count > 0 && !comparable.Contains(true);
    }

    private static bool AreComparable(ListingKey x, ListingKey y) =>
        x.ProductKey is not null && y.ProductKey is not null && x.KeyScope == y.KeyScope
        && (x.KeyScope == ProductKeyScope.Global || x.Source == y.Source);
}
