using CpfPipeline.Matcher.Tiles;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Tiles;

public sealed class JoinProgressTests
{
    [Fact]
    public void Of_TilesWrittenBefore_DoNotCountForTheRest()
    {
        var progress = JoinProgress.Of(done: 30, tiles: 50, joiners: 3, doneBefore: 20, TimeSpan.FromMinutes(5));

        Assert.Equal(TimeSpan.FromMinutes(10), progress.Rest);
        Assert.Equal(0.6, progress.Share);
        Assert.Equal("compares contents: 30 of 50 tiles by 3 processes, about 10 min left", progress.ToString());
    }

    [Fact]
    public void Of_NothingWrittenYet_SaysNothingOfTheRest() => Assert.Equal(
        "compares contents: 20 of 50 tiles by 1 process", JoinProgress.Of(20, 50, 1, 20, TimeSpan.FromMinutes(5)).ToString());

    [Theory]
    [InlineData(49, "about 1 s left")]
    [InlineData(10, "about 40 s left")]
    public void ToString_RestOfSeconds_IsInSeconds(int done, string rest) =>
        Assert.EndsWith(rest, JoinProgress.Of(done, 50, 2, 0, TimeSpan.FromSeconds(done)).ToString(), StringComparison.Ordinal);

    [Fact]
    public void ToString_RestOfHours_IsInHours() => Assert.EndsWith(
        "about 2.5 h left", JoinProgress.Of(1, 6, 2, 0, TimeSpan.FromMinutes(30)).ToString(), StringComparison.Ordinal);
}
