using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Tests.Unit.Trainer.Learning.Evaluation;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Calibration;

public sealed class PooledCalibrationTests
{
    private const double Catalogue = 300;

    [Fact]
    public void At_CountedThresholds_IsTheNaiveCount() => EvaluationCase.Any.Where(c => c.Naive.Positives > 0).Sample(sample =>
    {
        var (part, naive, weight) = (Part(sample), sample.Naive, Weight(sample));
        for (var i = 0; i < part.Curve.Count; i++)
        {
            var t = part.Curve.Threshold(i);
            var (right, wrong) = part.At(t);
            Assert.Equal(naive.TruePositives(t), right);
            Assert.Equal(weight * naive.FalsePositives(t), wrong, 1e-9);
        }
    }, iter: 25);

    [Fact]
    public void At_BetweenThresholds_RightIsExactAndWrongLiesBetween() =>
        EvaluationCase.Clouds.Where(c => c.Naive.Positives > 1).Sample(sample =>
    {
        var (part, naive, weight) = (Part(sample), sample.Naive, Weight(sample));
        Assert.Equal((0, 0), part.At(2));
        for (var i = 0; i + 1 < part.Curve.Count; i++)
        {
            var (above, below) = (part.Curve.Threshold(i), part.Curve.Threshold(i + 1));
            var t = below + (.3 * (above - below));
            if (t <= below || t >= above)
            {
                continue;
            }

            var (right, wrong) = part.At(t);
            Assert.Equal(naive.TruePositives(t), right);
            var (least, most) = (weight * naive.FalsePositives(above), weight * naive.FalsePositives(below));
            Assert.InRange(wrong, least - 1e-9, most + 1e-9);
            Assert.Equal(least + (.7 * (most - least)), wrong, 1e-6);
        }
    }, iter: 25);

    [Fact]
    public void Choose_PartsOfOneSet_AddUp() =>
        Gen.Select(EvaluationCase.Clouds, EvaluationCase.Clouds).Where(p => p.Item1.Naive.Positives > 2 && p.Item2.Naive.Positives > 2)
        .Sample((a, b) =>
        {
            var (partA, partB) = (Part(a), Part(b));
            var choice = PooledCalibration.Choose([[partA, partB]], CalibrationTarget.MaxF1);

            var (naiveA, naiveB) = (a.Naive, b.Naive);
            var (rightA, wrongA) = partA.At(choice.Threshold);
            var (rightB, wrongB) = partB.At(choice.Threshold);
            Assert.Equal(naiveA.TruePositives(choice.Threshold) + naiveB.TruePositives(choice.Threshold), rightA + rightB);
            var f1 = 2 * (rightA + rightB) / (rightA + rightB + wrongA + wrongB + naiveA.Positives + naiveB.Positives);
            Assert.Equal(f1, choice.F1, 1e-12);
            Assert.Equal(f1, Assert.Single(choice.SetF1), 1e-12);
            Assert.InRange(f1, 0, choice.SetBestF1[0] + 1e-12);
            Assert.True(choice.Reached);
        }, iter: 10);

    [Fact]
    public void Choose_OneSet_LosesLittleAgainstTheNaiveBest()
    {
        var sample = EvaluationCase.Cloud([.. Enumerable.Range(0, 300).Select(i => i % 50)], 1, 4, 16);
        var choice = PooledCalibration.Choose([[Part(sample)]], CalibrationTarget.MaxF1);
        var (naive, weight) = (sample.Naive, Weight(sample));
        var (best, right, wrong) = (0.0, 0, 0);
        foreach (var pair in naive.Pairs.OrderByDescending(p => p.Similarity))
        {
            (right, wrong) = pair.Same ? (right + 1, wrong) : (right, wrong + 1);
            best = Math.Max(best, 2.0 * right / (right + (weight * wrong) + naive.Positives));
        }

        Assert.InRange(choice.SetBestF1[0], .97 * best, best + 1e-9);
        Assert.InRange(naive.F1(choice.Threshold, weight), .95 * best, best + 1e-9);
    }

    [Fact]
    public void Choose_AHardAndAnEasySet_IsBetweenTheirOwnThresholds()
    {
        var easy = EvaluationCase.Cloud([.. Enumerable.Range(0, 300).Select(i => i % 50)], .4, 4, 16);
        var hard = EvaluationCase.Cloud([.. Enumerable.Range(0, 120).Select(i => i % 20)], 1.2, 5, 16);
        double Of(params EvaluationCase[] sets) => PooledCalibration.Choose(
            [.. sets.Select(s => new[] { Part(s) })], CalibrationTarget.MaxF1).Threshold;
        var both = PooledCalibration.Choose([[Part(easy)], [Part(hard)]], CalibrationTarget.MaxF1);
        Assert.InRange(both.Threshold, Math.Min(Of(easy), Of(hard)), Math.Max(Of(easy), Of(hard)));
        Assert.Equal(both.SetF1.Average(), both.F1, 1e-12);
        Assert.Equal(2, both.SetBestF1.Count);
    }

    [Fact]
    public void Choose_TargetPrecision_BoundOfTheNaiveCountReachesIt()
    {
        var sample = EvaluationCase.Cloud([.. Enumerable.Range(0, 400).Select(i => i % 50)], .75, 4, 24);
        var choice = PooledCalibration.Choose([[Part(sample, perClass: true)]], CalibrationTarget.AtLeast(.9));
        Assert.True(choice.Reached);
        Assert.True(choice.Precision >= .9);

        // Naive: pairs of each class, those of two classes half each, weighted.
        var (naive, weight) = (sample.Naive, Weight(sample));
        var classes = sample.Pictures.Select(p => p.Class).ToArray();
        double Bound(double t) => PrecisionBound.Lower([.. Enumerable.Range(0, 50).Select(c =>
        {
            var of = naive.Pairs.Where(p => p.Similarity >= t && (classes[p.A] == c || classes[p.B] == c)).ToList();
            double right = of.Count(p => p.Same);
            return (right, right + (weight * of.Count(p => !p.Same) / 2));
        })]);
        Assert.True(Bound(choice.Threshold) >= .9);
        var stricter = PooledCalibration.Choose([[Part(sample, perClass: true)]], CalibrationTarget.AtLeast(.97));
        Assert.True(stricter.Threshold > choice.Threshold);
    }

    [Fact]
    public void Choose_PrecisionOutOfReach_SaysSoAndTakesTheNearest()
    {
        var sample = EvaluationCase.Angles((0, 0), (0, 10), (1, 5), (1, 15));
        Assert.False(PooledCalibration.Choose([[Part(sample, perClass: true)]], CalibrationTarget.AtLeast(.99)).Reached);
    }

    [Fact]
    public void WeightFor_PairsThereAre_IsOne()
    {
        var set = EvaluationCase.Cloud([.. Enumerable.Range(0, 300).Select(i => i % 50 == 49 ? -1 : i % 50)], 1, 4, 16).Set;
        Assert.Equal(1, MeasuredPart.WeightFor(set, (double)(set.AllPairs - set.PositivePairs) / set.Members.Count), 12);
    }

    [Fact]
    public void Choose_LargerCatalogue_RaisesTheThreshold()
    {
        var sample = EvaluationCase.Cloud([.. Enumerable.Range(0, 300).Select(i => i % 50)], 1, 4, 16);
        double Threshold(double size) => PooledCalibration.Choose([[Part(sample, size)]], CalibrationTarget.MaxF1).Threshold;
        Assert.True(Threshold(30_000) > Threshold(300));
    }

    [Fact]
    public void Choose_ASetWithoutPairs_TooLittleData()
    {
        var (pairs, none) = (EvaluationCase.Angles((0, 0), (0, 10), (1, 50)), EvaluationCase.Angles((0, 0), (1, 10)));
        Assert.Throws<TooLittleDataException>(() => PooledCalibration.Choose([[Part(pairs)], [Part(none)]], CalibrationTarget.MaxF1));
        Assert.Throws<TooLittleDataException>(() => PooledCalibration.Choose([], CalibrationTarget.MaxF1));
    }

    private static MeasuredPart Part(EvaluationCase sample, double size = Catalogue, bool perClass = false) =>
        MeasuredPart.Of(sample.Set, size / 2, perClass, seed: 1, TestContext.Current.CancellationToken);

    // Half the catalogue wrong pairs for each picture.
    private static double Weight(EvaluationCase sample) =>
        Catalogue / 2 * sample.Pictures.Count(p => p.Class >= 0) / Math.Max(1, sample.Naive.Pairs.Count(p => !p.Same));
}
