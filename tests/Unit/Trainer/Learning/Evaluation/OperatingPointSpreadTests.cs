using CpfPipeline.Learning.Evaluation;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Evaluation;

public sealed class OperatingPointSpreadTests
{
    [Fact]
    public void Measure_AnySet_IsNaive() => EvaluationCase.Any.Sample(
        sample => Assert.Equal(sample.Naive.Opis(OperatingPointSpread.Thresholds), Measure(sample).Opis, 9), iter: 40);

    [Fact]
    public void Measure_OneClassFoundOneNot_IsAQuarterOfTheGapSquared()
    {
        // Thresholds: cosines of about 60 degrees. Class 0 has its pair above them (U near 1), class 1 below (U = 0).
        var (opis, points) = Measure(EvaluationCase.Angles((0, 0), (0, 10), (1, 70), (1, 175)));

        var found = points.Utilities[0][0];
        Assert.All(points.Utilities[1], u => Assert.Equal(0, u));
        Assert.Equal(found * found / 4, opis, 3);
        Assert.Equal(OperatingPointSpread.Thresholds, points.Thresholds.Count);
    }

    [Fact]
    public void Measure_ClassesAlike_IsZero() => Assert.Equal(0, Measure(EvaluationCase.Angles((0, 0), (0, 10), (1, 90), (1, 100), (2, 180), (2, 190), (3, 270), (3, 280))).Opis, 9);

    [Fact]
    public void Measure_Sampled_IsNearTheExactFigure()
    {
        var set = EvaluationCase.Cloud([.. Enumerable.Range(0, 1200).Select(i => i % 25 == 0 ? -1 : i % 98)], 1.2, 5, 16).Set;
        var (exact, sampled) = (Measure(set, NegativeSample.Of(set, 1)).Opis, Measure(set, NegativeSample.Of(set, 1, exactRows: 100, sampleRows: 300)).Opis);
        Assert.InRange(sampled / exact, .85, 1.15);
    }

    private static (double Opis, OperatingPoints Points) Measure(EvaluationCase sample)
    {
        var set = sample.Set;
        return Measure(set, NegativeSample.Of(set, 1));
    }

    private static (double Opis, OperatingPoints Points) Measure(EvaluationSet set, NegativeSample sample) => OperatingPointSpread.Measure(
        sample, SimilarityDensity.Measure(sample, TestContext.Current.CancellationToken),
        [.. Enumerable.Range(0, set.MembersByClass.Count).Select(c => $"c{c}")], TestContext.Current.CancellationToken);
}
