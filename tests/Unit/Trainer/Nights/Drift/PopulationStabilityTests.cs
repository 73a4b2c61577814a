using CpfPipeline.Nights.Drift;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Nights.Drift;

public sealed class PopulationStabilityTests
{
    [Fact]
    public void Index_OneDistribution_IsFarBelowTheAlarm()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            Assert.InRange(PopulationStability.Index(Counts(seed, 2_000, 0), Counts(seed + 100, 250, 0))!.Value, 0,
                .6 * PopulationStability.AlarmLevel);
        }
    }

    [Theory]
    [InlineData(.1)]
    [InlineData(-.1)]
    public void Index_ShiftedByADeviation_IsAnAlarm(double shift)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            Assert.True(PopulationStability.Index(Counts(seed, 2_000, 0), Counts(seed + 100, 250, shift)) > PopulationStability.AlarmLevel);
        }
    }

    [Fact]
    public void Index_NothingInCommon_IsFinite() =>
        Assert.InRange(PopulationStability.Index(Counts(1, 2_000, -1.5), Counts(2, 2_000, 1.5))!.Value, 1, 100);

    [Fact]
    public void Index_TooFew_Null() =>
        Assert.Null(PopulationStability.Index(Counts(1, 2_000, 0), Counts(2, PopulationStability.MinContents - 1, 0)));

    [Fact]
    public void FromReport_WhatToJsonWrote_IsTheSame()
    {
        var histogram = NeighbourHistogram.Of([-2, -1, -.99, 0, .5, .999, 1, 1.2], 42);
        var read = NeighbourHistogram.FromReport(
            $$"""{ "f1": 1, "{{NeighbourHistogram.JsonName}}": {{histogram.ToJson().ToJsonString()}} }""")!;
        Assert.Equal(histogram.Counts, read.Counts);
        Assert.Equal((42, 8L), (read.Gallery, read.Contents));
        Assert.Equal(3, read.Counts[0]);
        Assert.Equal(3, read.Counts[^1]);
        Assert.Null(NeighbourHistogram.FromReport("{}"));
    }

    // Roughly normal about .5 with deviation .1.
    private static IReadOnlyList<long> Counts(int seed, int count, double shift)
    {
        var random = new Random(seed);
        return NeighbourHistogram.Of(
            Enumerable.Range(0, count).Select(_ => .5 + shift + (.1 * (Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6))),
            0).Counts;
    }
}
