using CpfPipeline.Tests.Unit.Trainer.Evaluation;
using CpfPipeline.Trainer.Calibration;
using CpfPipeline.Trainer.Initial;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Calibration;

public sealed class ThresholdCalibrationTests
{
    private static readonly EvaluationCase Set = EvaluationCase.Cloud([.. Enumerable.Range(0, 400).Select(i => i % 50 == 49 ? -1 : i % 50)], 1.1, 4, 16);

    [Fact]
    public void Choose_MaxF1_IsOnThePlateau() => EvaluationCase.Clouds.Where(c => c.Naive.Positives > 3).Sample(sample =>
    {
        var choice = ThresholdCalibration.Choose(sample.Set, CalibrationTarget.MaxF1, 1);
        var best = sample.Naive.Best().F1;
        Assert.Equal(best, choice.BestF1, 12);
        Assert.True(choice.Reached);
        Assert.InRange(sample.Naive.F1(choice.Threshold), 0, best);
    }, iter: 40);

    [Fact]
    public void Choose_ManyClasses_LosesNextToNothing()
    {
        var choice = ThresholdCalibration.Choose(Set.Set, CalibrationTarget.MaxF1, 1);
        Assert.InRange(Set.Naive.F1(choice.Threshold), .98 * choice.BestF1, choice.BestF1);
    }

    [Fact]
    public void Choose_PeakBesideABroadPlateau_PrefersTheMiddle()
    {
        // Right pairs from 0.6 upwards, wrong ones up to 0.3: any threshold between serves alike; the raw maximum is the highest of them.
        var sample = EvaluationCase.Cloud([.. Enumerable.Range(0, 120).Select(i => i % 30)], .5, 6, 32);
        var (choice, naive) = (ThresholdCalibration.Choose(sample.Set, CalibrationTarget.MaxF1, 1), sample.Naive);
        Assert.True(naive.F1(choice.Threshold) >= .95 * choice.BestF1);
    }

    [Fact]
    public void Choose_TargetPrecision_BoundReachesItAndLowerThresholdsDoNot()
    {
        var set = EvaluationCase.Cloud([.. Enumerable.Range(0, 400).Select(i => i % 50 == 49 ? -1 : i % 50)], .75, 4, 24).Set;
        var choice = ThresholdCalibration.Choose(set, CalibrationTarget.AtLeast(.9), 1);
        Assert.True(choice.Reached);
        Assert.True(choice.PrecisionLowerBound >= .9);
        Assert.True(choice.Precision >= choice.PrecisionLowerBound);
        var stricter = ThresholdCalibration.Choose(set, CalibrationTarget.AtLeast(.97), 1);
        Assert.True(stricter.Threshold > choice.Threshold && stricter.Recall < choice.Recall);
    }

    [Fact]
    public void Choose_PrecisionOutOfReach_SaysSo()
    {
        var choice = ThresholdCalibration.Choose(EvaluationCase.Angles((0, 0), (0, 10), (1, 5), (1, 15)).Set, CalibrationTarget.AtLeast(.99), 1);
        Assert.False(choice.Reached);
    }

    [Fact]
    public void Choose_DenserCatalogue_RaisesTheThreshold()
    {
        var set = Set.Set;
        var (sparse, dense) = (ThresholdCalibration.Choose(set, CalibrationTarget.MaxF1, 1), ThresholdCalibration.Choose(set, CalibrationTarget.MaxF1, 1, 50));
        Assert.True(dense.Threshold > sparse.Threshold);
    }

    [Fact]
    public void WeightFor_PairsThereAre_IsOne()
    {
        var set = Set.Set;
        Assert.Equal(1, ThresholdCalibration.WeightFor(set, (double)(set.AllPairs - set.PositivePairs) / set.Members.Count), 12);
    }

    [Fact]
    public void Choose_NoPairs_SaysSo() => Assert.Throws<TooLittleDataException>(
        () => ThresholdCalibration.Choose(EvaluationCase.Angles((0, 0), (1, 10)).Set, CalibrationTarget.MaxF1, 1));

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
