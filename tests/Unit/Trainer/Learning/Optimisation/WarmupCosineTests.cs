using CpfPipeline.Learning.Optimisation;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Optimisation;

public sealed class WarmupCosineTests
{
    [Fact]
    public void Factor_AnyRun_RisesToOneThenFallsAndStaysPositive() => Gen.Select(Gen.Int[1, 300], Gen.Double[0, 1]).Sample((steps, share) =>
    {
        var factors = Enumerable.Range(0, steps).Select(s => WarmupCosine.Factor(s, steps, share)).ToList();
        Assert.All(factors, f => Assert.InRange(f, double.Epsilon, 1));
        var top = factors.IndexOf(factors.Max());
        Assert.All(factors.Take(top + 1).Zip(factors.Take(top + 1).Skip(1)), p => Assert.True(p.First <= p.Second));
        Assert.All(factors.Skip(top).Zip(factors.Skip(top + 1)), p => Assert.True(p.First >= p.Second));
    }, iter: 300);

    [Theory]
    [InlineData(0, .1)]
    [InlineData(4, .5)]
    [InlineData(9, 1)]
    [InlineData(10, 1)]
    [InlineData(55, .5)]
    public void Factor_Steps100Warmup10_HasKnownValues(int step, double expected) => Assert.Equal(expected, WarmupCosine.Factor(step, 100, .1), 1e-12);

    [Fact]
    public void Factor_LastStep_IsNextToNothing() => Assert.InRange(WarmupCosine.Factor(999, 1_000, .05), 0, 1e-5);

    [Fact]
    public void Factor_NoWarmup_StartsAtOne() => Assert.Equal(1, WarmupCosine.Factor(0, 100, 0));
}
