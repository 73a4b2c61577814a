using CpfPipeline.Learning.Calibration;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Calibration;

public sealed class PrecisionBoundTests
{
    [Theory]
    [InlineData(.5, 100, .4188)]
    [InlineData(1, 20, .8808)]
    public void Wilson_KnownShares_AreThoseOfTheFormula(double share, double n, double expected) => Assert.Equal(expected, PrecisionBound.Wilson(share, n), 4);

    [Fact]
    public void Lower_PairsOfFewClasses_CountLess()
    {
        var even = PrecisionBound.Lower([.. Enumerable.Range(0, 100).Select(i => (9.0, 10.0))]);
        var lumped = PrecisionBound.Lower([.. Enumerable.Range(0, 100).Select(i => i % 10 == 0 ? (0.0, 10.0) : (10.0, 10.0))]);
        Assert.True(lumped < even);
        Assert.InRange(lumped, .8, .9);
    }
}
