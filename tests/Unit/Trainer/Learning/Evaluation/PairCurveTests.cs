using CpfPipeline.Learning.Evaluation;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Evaluation;

public sealed class PairCurveTests
{
    [Fact]
    public void Measure_AnySet_IsTheNaiveCurve() =>
        EvaluationCase.Any.Select(Gen.Int[0, 2].Select(i => new[] { .25, 1, 3 }[i])).Sample((sample, weight) =>
    {
        var (naive, curve) = (sample.Naive, Curve(sample, weight, long.MaxValue));
        var (f1, threshold) = naive.Best(weight);
        Assert.Equal(f1, curve.BestF1, 12);
        Assert.Equal(f1 == 0 ? curve.BestThreshold : threshold, curve.BestThreshold);
        for (var i = 0; i < curve.Count; i++)
        {
            Assert.Equal(naive.TruePositives(curve.Threshold(i)), curve.TruePositives(i));
            Assert.Equal(naive.FalsePositives(curve.Threshold(i)), curve.FalsePositives(i));
        }
    }, iter: 50);

    [Fact]
    public void Measure_AnySet_PlateauIsTheNaiveOne() => EvaluationCase.Any.Sample(
        sample => Assert.Equal(sample.Naive.PlateauWidth(), Curve(sample, 1, long.MaxValue).PlateauWidth, 12), iter: 40);

    [Fact]
    public void Measure_PrunedBySample_FindsTheSameBestAndPlateau() => EvaluationCase.Clouds.Select(Gen.Int[1, 30]).Sample((sample, rows) =>
    {
        var set = sample.Set;
        var density = SimilarityDensity.Measure(
            NegativeSample.Of(set, 1, exactRows: rows, sampleRows: Math.Max(1, rows / 2)), TestContext.Current.CancellationToken);
        var pruned = PairCurve.Measure(set, density, 1, maxPairsUnpruned: 0, TestContext.Current.CancellationToken);
        var full = Curve(sample, 1, long.MaxValue);
        Assert.Equal((full.BestF1, full.BestThreshold, full.PlateauWidth), (pruned.BestF1, pruned.BestThreshold, pruned.PlateauWidth));
        Assert.True(pruned.Count <= full.Count);
    }, iter: 50);

    [Fact]
    public void Measure_ManyEasyClasses_LeavesMostPairsOut()
    {
        var sample = EvaluationCase.Cloud([.. Enumerable.Range(0, 400).Select(i => i / 4 % 98)], .9, 1, 24);
        var set = sample.Set;
        var density = SimilarityDensity.Measure(NegativeSample.Of(set, 1), TestContext.Current.CancellationToken);
        var pruned = PairCurve.Measure(set, density, 1, maxPairsUnpruned: 0, TestContext.Current.CancellationToken);
        Assert.True(pruned.Count < Curve(sample, 1, long.MaxValue).Count);
        Assert.Equal(Curve(sample, 1, long.MaxValue).BestF1, pruned.BestF1);
    }

    [Fact]
    public void Of_MorePairsThanKeptExactly_CandidatesAreSteps()
    {
        var set = EvaluationCase.Cloud([0, 0, 0, 0, 1, 1, 1], .5, 3, 8).Set;
        var exact = ThresholdCandidates.Of(set, TestContext.Current.CancellationToken);
        var steps = ThresholdCandidates.Of(set, TestContext.Current.CancellationToken, maxExactPairs: 0);
        Assert.Equal((exact.Count, 9L), (steps.Count, steps.TruePositives[^1]));
        Assert.All(Enumerable.Range(0, exact.Count), i => Assert.InRange(exact[i] - steps[i], 0, 1e-6));
    }

    private static PairCurve Curve(EvaluationCase sample, double weight, long maxPairsUnpruned)
    {
        var set = sample.Set;
        return PairCurve.Measure(
            set, SimilarityDensity.Measure(NegativeSample.Of(set, 1), TestContext.Current.CancellationToken), weight, maxPairsUnpruned,
            TestContext.Current.CancellationToken);
    }
}
