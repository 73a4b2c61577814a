using CpfPipeline.Matcher.Tiles;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Tiles;

public sealed class TilePlanTests
{
    [Fact]
    public void Tiles_AnySizes_HoldEveryOrderedPairOnce() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 12], Gen.Int[1, 50]).Sample((contents, block, range) =>
        {
            var plan = TilePlan.For(contents, block, range);
            var seen = new int[contents, contents];
            for (var number = 0; number < plan.Tiles; number++)
            {
                var tile = plan.Tile(number);
                var (left, right) = (plan.PositionsOf(tile.Block, 1), Positions(plan, tile.Range));
                foreach (var a in Enumerable.Range(left.First, left.Count))
                {
                    foreach (var b in Enumerable.Range(right.First, right.Count))
                    {
                        seen[a, b]++;
                    }
                }
            }

            Assert.All(seen.Cast<int>(), times => Assert.Equal(1, times));
        });

    [Fact]
    public void For_RangeThatHoldsEverything_HasOneRange()
    {
        var plan = TilePlan.For(1_000_000, 16_384, 1_000_000);

        Assert.Equal((62, 1, 62), (plan.Blocks, plan.Ranges, plan.Tiles));
        Assert.Equal((61 * 16_384, 1_000_000 - (61 * 16_384)), plan.PositionsOf(61, 1));
    }

    [Fact]
    public void Tile_NextNumber_HasTheSameRangeUntilAllBlocksHadIt()
    {
        var plan = TilePlan.For(100, 10, 40);

        Assert.Equal([(0, 0), (9, 0), (0, 1), (9, 2)], new[] { 0, 9, 10, 29 }.Select(plan.Tile));
        Assert.Throws<ArgumentOutOfRangeException>(() => plan.Tile(30));
    }

    private static (int First, int Count) Positions(TilePlan plan, int range)
    {
        var (first, count) = plan.BlocksOf(range);
        return plan.PositionsOf(first, count);
    }
}
