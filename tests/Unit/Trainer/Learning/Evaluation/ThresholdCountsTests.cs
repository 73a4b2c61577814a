using CpfPipeline.Learning.Evaluation;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Evaluation;

public sealed class ThresholdCountsTests
{
    private static readonly Gen<double> Threshold = Gen.OneOf(Gen.Int[0, 8].Select(i => i / 16.0), Gen.Double[-.5, 1]);

    [Fact]
    public void Measure_AnySet_CountsAsLoopsDo() => EvaluationCase.Any.Select(Threshold).Sample((sample, tau) =>
    {
        var (set, naive) = (sample.Set, sample.Naive);
        var counts = ThresholdCounts.Measure(set, tau);
        Assert.Equal(
            (naive.Positives, naive.TruePositives(tau), naive.FalsePositives(tau)), (counts.Pairs.Positives, counts.Pairs.TruePositives, counts.Pairs.FalsePositives));
        Assert.Equal(naive.F1(tau), counts.F1, 12);
        Assert.Equal(naive.LargestComponent(tau), Enumerable.Range(0, counts.Components.Count).Max(counts.Components.ComponentSize));
        Assert.Equal(
            naive.Pairs.Where(p => !p.Same && p.Similarity >= tau).Select(p => p.Similarity).OrderDescending().Take(ThresholdCounts.PairsShown),
            counts.FalseMatches.Select(p => p.Similarity));
        Assert.Equal(
            naive.Pairs.Where(p => p.Same && p.Similarity < tau).Select(p => p.Similarity).Order().Take(ThresholdCounts.PairsShown),
            counts.Misses.Select(p => p.Similarity));
    }, iter: 50);

    [Fact]
    public void BcubedF1_AnySet_IsNaive() => EvaluationCase.Any.Select(Threshold).Sample((sample, tau) =>
    {
        var set = sample.Set;
        Assert.Equal(sample.Naive.BcubedF1(tau), GroupScore.BcubedF1(set, tau, ThresholdCounts.Measure(set, tau).Components), 9);
    }, iter: 50);

    [Fact]
    public void Sums_MixedGroups_AreThoseOfTheDefinition()
    {
        // {a a b} {b b} {a distractor}: precision 2/3 2/3 1/3 1 1 1/2, recall 2/3 2/3 1/3 2/3 2/3 1/3.
        var (precision, recall) = GroupScore.Sums([[0, 0, 1], [1, 1], [0, EvaluationSet.NoClass]], _ => 3);
        Assert.Equal((4 / 3.0) + (1 / 3.0) + 2 + .5, precision, 12);
        Assert.Equal((4 / 3.0) + (1 / 3.0) + (4 / 3.0) + (1 / 3.0), recall, 12);
    }

    [Fact]
    public void ClassCurves_AnySet_CountAsLoopsDo() => EvaluationCase.Any.Sample(sample =>
    {
        var (set, naive) = (sample.Set, sample.Naive);
        var curves = ClassCurves.Measure(set, PairCurve.Measure(set, seed: 1));
        foreach (var i in new[] { 0, 1, 100, 200, ClassCurves.Thresholds - 1 })
        {
            var (t, classes) = (curves.Threshold(i), Enumerable.Range(0, curves.ClassCount));
            Assert.Equal(naive.TruePositives(t), classes.Sum(c => curves.TruePositives(c, i)));
            Assert.Equal(2 * naive.FalsePositives(t), classes.Sum(c => curves.FalsePositives(c, i) + (2 * curves.GalleryFalsePositives(c, i))));
        }
    }, iter: 40);
}
