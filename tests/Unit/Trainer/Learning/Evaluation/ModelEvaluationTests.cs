using CpfPipeline.Learning.Evaluation;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Evaluation;

public sealed class ModelEvaluationTests
{
    [Fact]
    public void Measure_RowsInAnyOrder_SameFigures() => EvaluationCase.Any.Select(Gen.Int[0, 999]).Sample((sample, order) =>
    {
        var (left, right) = (Measure(sample), Measure(sample.Shuffled(order)));
        Assert.Equal(FiguresJson.Of(left.Figures).ToJsonString(), FiguresJson.Of(right.Figures).ToJsonString());
        Assert.Equal(left.FalseMatches, right.FalseMatches);
        Assert.Equal(left.Misses, right.Misses);
        Assert.Equal(left.Classes, right.Classes);
        Assert.Equal(left.PrecisionRecall, right.PrecisionRecall);
    }, iter: 25);

    [Fact]
    public void Measure_SmallSet_ReportShowsEveryPair()
    {
        var sample = EvaluationCase.Cloud([0, 0, 0, 1, 1, 2, -1, -1], .6, 2, 8);
        var (result, naive) = (Measure(sample), sample.Naive);

        Assert.Equal((6, 3, 2), (result.Figures.Images, result.Figures.Classes, result.Figures.Distractors));
        Assert.Equal(naive.Positives, result.Histogram.Positive.Sum());
        Assert.Equal(naive.Pairs.Count - naive.Positives, result.Histogram.Negative.Sum());
        Assert.Equal(1, result.PrecisionRecall[^1].Recall);
        Assert.Equal(["c0", "c1", "c2"], result.Classes.Select(c => c.Label));
        Assert.Equal((naive.TruePositives(.5) + naive.FalsePositives(.5)) / 6.0, result.Figures.PairsPerImage, 12);
    }

    [Fact]
    public void Measure_OneClassOnly_GivesFiguresThatJsonCanHold()
    {
        var json = FiguresJson.Of(Measure(EvaluationCase.Angles((0, 0), (0, 10))).Figures).ToJsonString();
        Assert.Contains("\"f1\":1", json);
    }

    private static EvaluationResult Measure(EvaluationCase sample) => ModelEvaluation.Measure(sample.Set, .5, sample.Labels, 1);
}
