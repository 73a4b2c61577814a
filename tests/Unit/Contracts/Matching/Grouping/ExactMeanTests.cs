using System.Numerics;
using CpfPipeline.Matching.Grouping;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Matching.Grouping;

public sealed class ExactMeanTests
{
    private static readonly Gen<ExactMean> Means = Gen.Select(Gen.Long, Gen.Int[0, 50], Gen.OneOf(Gen.Long[1, 40], Gen.Long[1, 1L << 40]))
        .Select(
        (total, shift, pairs) => new ExactMean((Int128)total << shift, pairs));

    [Fact]
    public void CompareTo_AnyOrNearlyEqual_EqualsFractions() =>
        Gen.Select(Means, Means, Gen.Int[-1, 1], Gen.Long[1, 1000]).Sample((a, b, off, factor) =>
    {
        Assert.Equal(Sign(a, b), Math.Sign(a.CompareTo(b)));

        // The same mean over more pairs, or one unit off it.
        var near = new ExactMean((a.Total * factor) + off, a.Pairs * factor);
        Assert.Equal(Sign(a, near), Math.Sign(a.CompareTo(near)));
    }, iter: 5000);

    [Fact]
    public void Reaches_DoublesAround_EqualsFractions() => Gen.Select(Means, Gen.Int[-3, 3]).Sample((mean, steps) =>
    {
        var threshold = mean.Value;
        for (var i = 0; i < Math.Abs(steps); i++)
        {
            threshold = steps < 0 ? Math.BitDecrement(threshold) : Math.BitIncrement(threshold);
        }

        // Every double is an integer of 2^-1074.
        var scaled = new BigInteger(Math.ScaleB(threshold, 500));
        if (Math.ScaleB((double)scaled, -500) == threshold)
        {
            Assert.Equal((BigInteger)mean.Total << 452 >= scaled * mean.Pairs, mean.Reaches(threshold));
        }
    }, iter: 5000);

    private static int Sign(ExactMean a, ExactMean b) => ((BigInteger)a.Total * b.Pairs).CompareTo((BigInteger)b.Total * a.Pairs);
}
