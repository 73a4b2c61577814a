using CpfPipeline.Matcher.Tiles;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Tiles;

public sealed class TilePatienceTests
{
    private static readonly TimeSpan Least = TimeSpan.FromMinutes(2);

    [Fact]
    public void After_NoTileWrittenYet_DoublesFromTheLeast() => Assert.Equal(
        [2, 4, 8, 16], Enumerable.Range(0, 4).Select(inVain => TilePatience.After(Least, TimeSpan.Zero, inVain).TotalMinutes));

    [Fact]
    public void After_TilesThatTakeLong_IsTenOfThem() =>
        Assert.Equal(TimeSpan.FromMinutes(10), TilePatience.After(Least, TimeSpan.FromMinutes(1), inVain: 0));

    [Fact]
    public void After_TilesThatTakeSeconds_IsTheLeast() =>
        Assert.Equal(Least, TilePatience.After(Least, TimeSpan.FromSeconds(3), inVain: 0));
}
