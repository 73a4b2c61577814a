using CpfPipeline.Learning.Evaluation;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Evaluation;

public sealed class RetrievalTests
{
    [Fact]
    public void Measure_AnySet_IsNaive() => EvaluationCase.Any.Sample(sample =>
    {
        var figures = Retrieval.Measure(sample.Set);
        var (recall, map) = sample.Naive.Retrieval();
        Assert.Equal(recall, figures.RecallAt1, 12);
        Assert.Equal(map, figures.MapAtR, 12);
    }, iter: 50);

    [Theory]
    [InlineData(new[] { true, true, true }, 1)]
    [InlineData(new[] { true, false, true }, 5.0 / 9)]
    [InlineData(new[] { false, true, false }, 1.0 / 6)]
    [InlineData(new[] { false }, 0)]
    public void AveragePrecision_Ranks_AsInThePaper(bool[] ranks, double expected) => Assert.Equal(expected, Retrieval.AveragePrecision(ranks), 12);

    [Fact]
    public void Measure_DistractorNearest_CostsRecall()
    {
        var figures = Retrieval.Measure(EvaluationCase.Angles((0, 0), (0, 20), (EvaluationSet.NoClass, 8), (1, 90), (1, 95)).Set);
        Assert.Equal((4, .5), (figures.Queries, figures.RecallAt1));
    }
}
