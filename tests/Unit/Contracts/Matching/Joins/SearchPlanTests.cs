using CpfPipeline.Matching.Joins;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Matching.Joins;

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
    public void ShouldJoin_KnownSizes_PicksTheCheaper(long arrivals, long rows, int dimension, bool indexed, bool expected) =>
        Assert.Equal(expected, SearchPlan.ShouldJoin(arrivals, rows, dimension, indexed));
}
