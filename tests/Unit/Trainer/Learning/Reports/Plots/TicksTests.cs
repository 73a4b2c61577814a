using CpfPipeline.Learning.Reports.Plots;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Reports.Plots;

public sealed class TicksTests
{
    [Fact]
    public void Linear_ZeroToOne_StepsByAFifth() => Assert.Equal([0, 0.2, 0.4, 0.6, 0.8, 1], Ticks.Linear(0, 1));

    [Fact]
    public void Linear_UnevenRange_KeepsToRoundNumbersInside() => Assert.Equal([0.25, 0.3, 0.35, 0.4], Ticks.Linear(0.237, 0.418, 4));

    [Fact]
    public void Linear_LargeNumbers_AreExact() => Assert.Equal([0, 1000, 2000, 3000, 4000, 5000], Ticks.Linear(0, 5990, 5));

    [Theory]
    [InlineData(double.NaN, 1)]
    [InlineData(0, double.PositiveInfinity)]
    [InlineData(2, 1)]
    public void Linear_NoRange_IsEmpty(double low, double high) => Assert.Empty(Ticks.Linear(low, high));

    [Fact]
    public void Linear_OnePoint_IsThatPoint() => Assert.Equal([0.7], Ticks.Linear(0.7, 0.7));

    [Fact]
    public void Linear_AnyRange_IsRisingInsideAndNeitherSparseNorCrowded() =>
        Gen.Select(Gen.Double[-1e6, 1e6], Gen.Double[1e-3, 1e6], Gen.Int[3, 9]).Sample((low, length, count) =>
        {
            var ticks = Ticks.Linear(low, low + length, count);
            var step = Ticks.Step(low, low + length, count);
            Assert.InRange(ticks.Count, 1, (2 * count) + 1);
            Assert.All(ticks, t => Assert.InRange(t, low - (1e-6 * step), low + length + (1e-6 * step)));
            Assert.All(ticks.Zip(ticks.Skip(1)), pair => Assert.Equal(step, pair.Second - pair.First, 1e-6 * step));
        });

    [Fact]
    public void Powers_Millions_AreThePowersOfTen() => Assert.Equal([1, 10, 100, 1000, 1e4, 1e5, 1e6], Ticks.Powers(0.7, 2e6));

    [Fact]
    public void Powers_ManyDecades_AreThinned() => Assert.Equal([1, 100, 1e4, 1e6, 1e8, 1e10], Ticks.Powers(1, 1e10, 6));

    [Theory]
    [InlineData(0, 10)]
    [InlineData(-1, 10)]
    [InlineData(double.NaN, 10)]
    [InlineData(2, 5)]
    public void Powers_NoneInside_IsEmpty(double low, double high) => Assert.Empty(Ticks.Powers(low, high));

    [Theory]
    [InlineData(0.05, 2)]
    [InlineData(0.1, 1)]
    [InlineData(0.2, 1)]
    [InlineData(1, 0)]
    [InlineData(500, 0)]
    [InlineData(double.NaN, 0)]
    public void Decimals_Step_TellNeighboursApart(double step, int decimals) => Assert.Equal(decimals, Ticks.Decimals(step));
}
