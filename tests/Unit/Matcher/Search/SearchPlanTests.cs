using CpfPipeline.Matcher.Search;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Search;

public sealed class SearchPlanTests
{
    [Theory]
    [InlineData(1, 100_000, 256, true, false)]
    [InlineData(128, 100_000, 256, true, false)]
    [InlineData(2_000, 100_000, 256, true, true)]
    [InlineData(128, 1_000, 256, true, true)]
    [InlineData(2_000, 100_000_000, 256, true, false)]
    [InlineData(1, 100_000_000, 256, false, true)]
    [InlineData(0, 1_000, 256, true, false)]
    public void ShouldStream_KnownSizes_PicksTheCheaper(long arrivals, long members, int dimension, bool indexed, bool expected) =>
        Assert.Equal(expected, SearchPlan.ShouldStream(arrivals, members, dimension, indexed));

    [Theory]
    [InlineData(1, 100_000, 256, true, true)]
    [InlineData(1, 2_000_000, 256, true, false)]
    [InlineData(1_000, 1_000_000, 256, true, true)]
    [InlineData(1_000, 10_000_000, 256, true, false)]
    [InlineData(1, 10_000_000, 256, false, true)]
    [InlineData(0, 1_000, 256, true, false)]
    public void ShouldJoinInMemory_KnownSizes_PicksTheCheaper(long arrivals, long members, int dimension, bool indexed, bool expected) =>
        Assert.Equal(expected, SearchPlan.ShouldJoinInMemory(arrivals, members, dimension, indexed));
}
