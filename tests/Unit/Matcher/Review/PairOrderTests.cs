using CpfPipeline.Matcher.Review;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Review;

public sealed class PairOrderTests
{
    [Fact]
    public void Sort_PairsOnBothSides_TheNearBandFirstInItTheRankThenTheDistance()
    {
        (ReviewPair, PairRank)[] pairs =
        [
            (new(1, 2, 0.801), PairRank.Plain), (new(1, 3, 0.790), PairRank.AcrossSources), (new(1, 4, 0.815), PairRank.KeysDisagree),
            (new(1, 5, 0.79), PairRank.KeysDisagree), (new(1, 6, 0.825), PairRank.KeysDisagree), (new(1, 7, 0.799), PairRank.Plain),
        ];

        Assert.Equal([5, 4, 3, 2, 7, 6], PairOrder.Sort(pairs, 0.8).Select(p => p.ContentB));
    }

    [Theory]
    [InlineData("a|gtin:1|global", "b|gtin:2|global", PairRank.KeysDisagree)]
    [InlineData("a|gtin:1|global", "b|gtin:1|global", PairRank.AcrossSources)]
    [InlineData("a|1|source", "b|2|source", PairRank.AcrossSources)]
    [InlineData("a|1|source", "a|2|source", PairRank.KeysDisagree)]
    [InlineData("a|1|source a|2|source", "a|2|source", PairRank.Plain)]
    [InlineData("a|gtin:1|global", "a|2|source", PairRank.Plain)]
    [InlineData("a||source", "a||source", PairRank.Plain)]
    [InlineData("a||source", "b||source", PairRank.AcrossSources)]
    [InlineData("", "b||source", PairRank.Plain)]
    public void Of_Listings_RanksByKeysThatSurelyDifferAndSources(string a, string b, object rank) =>
        Assert.Equal((PairRank)rank, PairRanks.Of(Listings(a), Listings(b)));

    private static ListingKey[] Listings(string text) =>
    [
        .. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(t => t.Split('|'))
            .Select(t => new ListingKey(t[0], t[1].Length == 0 ? null : t[1], t[2])),
    ];
}
