using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Nights.Gate;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Nights.Gate;

public sealed class CandidateGateTests
{
    [Theory]
    [InlineData(.0, true)]
    [InlineData(.5, true)]
    [InlineData(.501, false)]
    [InlineData(1, false)]
    public void Decide_F1_RefusesWhenMoreThanHalfOfTheDrawsAreTooFarBelow(double share, bool passes)
    {
        var decision = CandidateGate.Decide(Input(share));
        Assert.Equal(passes, decision.Passed);
        Assert.Contains("F1 on the test classes is 0.4000, the active model's 0.5000", decision.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(.95, true)]
    [InlineData(.979, false)]
    [InlineData(.98, true)]
    public void Decide_Precision_MayMissTheTargetByTheMargin(double precision, bool passes)
    {
        var target = precision == .95 ? .96 : .99;
        Assert.Equal(passes, CandidateGate.Decide(Input(1, precision, target)).Passed);
    }

    [Fact]
    public void Decide_ThresholdForAPrecision_SaysWhatRecallItCosts() => Assert.Contains(
        "recall 0.3000 (the active model's 0.5000, -0.2000)", CandidateGate.Decide(Input(1, .99, .99)).Reason, StringComparison.Ordinal);

    [Fact]
    public void Decide_NoBetterThanCallingEveryPairOneProduct_Refuses()
    {
        var decision = CandidateGate.Decide(Input(0) with { ChanceF1 = .1 });
        Assert.False(decision.Passed);
        Assert.Contains("every pair one product", decision.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_PrecisionNotReachedOnValidation_Refuses() =>
        Assert.False(CandidateGate.Decide(Input(0, .999, .99) with { Reached = false }).Passed);

    [Fact]
    public void Decide_NewHeadForAPrecision_IsComparedByF1Too() =>
        Assert.False(CandidateGate.Decide(Input(1, .99, .99) with { HeadIsNew = true }).Passed);

    [Theory]
    [InlineData(.0, true)]
    [InlineData(.22, true)]
    [InlineData(.23, false)]
    public void Decide_PicturesUnlikeItsTraining_AreNotFoundFarMoreAlikeThanUnderTheActiveModel(double share, bool passes)
    {
        var decision = CandidateGate.Decide(Input(0) with
        {
            Unlike = [new UnlikePictures("others", 10, 0, 0, .02), new UnlikePictures("made-up pictures", 96, share, .1, .02)],
        });
        Assert.Equal(passes, decision.Passed);
        Assert.Equal(!passes, decision.Reason.Contains(
            "of the pairs of 96 made-up pictures 23.0 % reach its threshold, under the active model 10.0 %", StringComparison.Ordinal));
    }

    private static GateInput Input(double shareBelow, double precision = .5, double? target = null) => new()
    {
        Candidate = Figures(.4, precision, .3),
        Active = Figures(.5, .5, .5),
        Difference = new PairedDifference(-.1, -.2, 0, shareBelow),
        ChanceF1 = .01,
        Unlike = [],
        Margin = .01,
        TargetPrecision = target,
        HeadIsNew = target is null,
    };

    private static EvaluationFigures Figures(double f1, double precision, double recall) => new()
    {
        Images = 10, Classes = 5, Distractors = 0, Threshold = .5, RecallAt1 = 0, MapAtR = 0, Precision = precision, Recall = recall,
            F1 = f1, BestF1 = f1,
        BestThreshold = .5, BcubedF1 = 0, Opis = 0, F1Interval = [.1, 1], F1PlateauWidth = 0, PairsPerImage = 0, LargestComponent = 1,
    };
}
