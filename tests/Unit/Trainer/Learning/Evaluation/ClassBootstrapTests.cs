using CpfPipeline.Learning.Evaluation;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Evaluation;

public sealed class ClassBootstrapTests
{
    private static readonly int[] Classes = [.. Enumerable.Range(0, 160).Select(i => i % 40)];

    [Fact]
    public void F1Interval_SameSeed_SameInterval()
    {
        var counts = Counts(.9, .6);
        Assert.Equal(ClassBootstrap.F1Interval(counts, 7), ClassBootstrap.F1Interval(counts, 7));
        Assert.NotEqual(ClassBootstrap.F1Interval(counts, 7), ClassBootstrap.F1Interval(counts, 8));
    }

    [Fact]
    public void F1Interval_RealSet_HoldsTheFigureAndNarrowsWithClasses()
    {
        var counts = Counts(.9, .6);
        var (low, high) = ClassBootstrap.F1Interval(counts, 1);
        var f1 = 2.0 * counts.TruePositives / (counts.TruePositives + counts.FalsePositives + counts.Positives);
        Assert.InRange(f1, low, high);
        Assert.InRange(high - low, .01, .4);

        var few = ThresholdCounts.Measure(EvaluationCase.Cloud(Classes[..32], .9, 3, 12).Set, .6).Pairs;
        var (fewLow, fewHigh) = ClassBootstrap.F1Interval(few, 1);
        Assert.True(fewHigh - fewLow < 1);
    }

    [Fact]
    public void F1Interval_PerfectModel_IsOne()
    {
        var counts = ThresholdCounts.Measure(EvaluationCase.Angles((0, 0), (0, 1), (1, 90), (1, 91), (2, 180), (2, 181)).Set, .9).Pairs;
        Assert.Equal((1.0, 1.0), ClassBootstrap.F1Interval(counts, 1));
    }

    [Fact]
    public void F1Interval_EveryClassConfusedAlike_IsTheFigureOnAverage()
    {
        // All pairs match: every draw has F1 = 2 TP / (TP + FP + P) with FP in expectation; the correction keeps the middle on it.
        var counts = ThresholdCounts.Measure(EvaluationCase.Cloud([.. Enumerable.Range(0, 40).Select(i => i / 4)], .5, 1, 8).Set, -1).Pairs;
        var (low, high) = ClassBootstrap.F1Interval(counts, 1);
        var f1 = 2.0 * counts.TruePositives / (counts.TruePositives + counts.FalsePositives + counts.Positives);
        Assert.InRange((low + high) / 2, f1 * .97, f1 * 1.06);
    }

    [Fact]
    public void F1Difference_SameModel_IsExactlyNone()
    {
        var counts = Counts(.9, .6);
        Assert.Equal(new PairedDifference(0, 0, 0), ClassBootstrap.F1Difference(counts, counts, 1));
    }

    [Fact]
    public void F1Difference_BetterModel_IntervalLiesAboveZero()
    {
        var difference = ClassBootstrap.F1Difference(Counts(.5, .75), Counts(1.6, .75), 1);
        Assert.InRange(difference.Difference, difference.Low, difference.High);
        Assert.True(difference.Low > 0);
    }

    [Fact]
    public void F1Difference_OtherClasses_Throws()
    {
        var other = ThresholdCounts.Measure(EvaluationCase.Cloud(Classes[..100], .9, 3, 12).Set, .6).Pairs;
        Assert.Throws<ArgumentException>(() => ClassBootstrap.F1Difference(Counts(.9, .6), other, 1));
    }

    [Fact]
    public void Add_MoreClassesThanBlocks_TotalsStay() => Gen.Int[1, 9].Sample(blocks =>
    {
        var set = EvaluationCase.Cloud(Classes, .9, 3, 12).Set;
        var counts = new ClassPairCounts(set, blocks);
        for (var c = 0; c < 39; c++)
        {
            counts.AddTruePositives(c, 2);
            counts.AddFalsePositive(c, c + 1);
            counts.AddGalleryFalsePositive(c);
        }

        Assert.Equal((blocks, 78L, 78L, 240L), (counts.Blocks, counts.TruePositives, counts.FalsePositives, counts.Positives));
    }, iter: 9);

    private static ClassPairCounts Counts(double spread, double threshold) =>
        ThresholdCounts.Measure(EvaluationCase.Cloud(Classes, spread, 3, 12).Set, threshold).Pairs;
}
