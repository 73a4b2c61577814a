using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Learning.Losses;
using CpfPipeline.Learning.Optimisation;
using Xunit;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.HeadDepth;

public sealed class HeadFitTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-unit-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Run_OneFold_ComparesEveryCandidateAndTakesTheBest()
    {
        for (var seed = 1; seed <= 2; seed++)
        {
            using var set = FeatureCloud.OneFold(seed);
            var result = Fit(set, FeatureCloud.Quick);
            Assert.Equal(
                [CandidateName.Discriminant, CandidateName.Frozen, CandidateName.Pca, CandidateName.Trained],
                result.Candidates.Select(c => c.Name).Order());
            Assert.Equal(result.Candidates.Max(c => c.ValidationF1), result.Best.ValidationF1);
            Assert.Equal(1, result.Folds);
            Assert.True(
                result.Best.ValidationF1 > F1(result, CandidateName.Frozen), "the data are made so that frozen features are beaten");
        }
    }

    [Fact]
    public void Run_OneHeadIsBetterAmongHeldOutClassesAnotherInTheCatalogue_TheFormerIsExported()
    {
        // Eight held-out classes lie where eight train classes lie on the first two axes, which PCA keeps, and far from them on the third,
        // where they also spread.
        var random = new Random(1);
        double Noise(double size) => size * ((2 * random.NextDouble()) - 1);
        var (values, classes, folds) = (new List<Half>(), new List<int>(), new List<int>());
        for (var c = 0; c < 16; c++)
        {
            var (angle, isHeldOut) = (Math.PI * c / 4, c >= 8);
            for (var i = 0; i < (isHeldOut ? 4 : 12); i++)
            {
                double[] row =
                    [Math.Cos(angle) + Noise(.05), Math.Sin(angle) + Noise(.05), isHeldOut ? 3 + Noise(2) : Noise(.05), Noise(.05)];
                values.AddRange(row.Select(v => (Half)v));
                classes.Add(c);
                folds.Add(isHeldOut ? 0 : -1);
            }
        }

        using var set = FitSet.Of([.. values], 4, [.. classes], new int[classes.Count], [.. folds], [classes.Count / 2.0]);
        var result = Fit(set, FeatureCloud.Quick with { Loss = null, EmbeddingDim = 2, SquareRoot = false });

        var (frozen, pca) = (
            result.Candidates.Single(c => c.Name == CandidateName.Frozen), result.Candidates.Single(c => c.Name == CandidateName.Pca));
        Assert.True(frozen.Calibration.F1 > pca.Calibration.F1 + .1, $"in the catalogue {frozen.Calibration.F1} and {pca.Calibration.F1}");
        Assert.True(pca.ValidationF1 > frozen.ValidationF1 + .1, $"alone {frozen.ValidationF1} and {pca.ValidationF1}");
        Assert.Same(pca, result.Best);
        Assert.Equal([pca, frozen], result.Candidates);
    }

    [Fact]
    public void Run_OneFold_NothingIsFittedAgain()
    {
        using var set = FeatureCloud.OneFold();
        var steps = new Interruption(0, () => { });
        Fit(set, FeatureCloud.Quick, progress: steps);
        Assert.Equal("training", Assert.Single(steps.Seen.Select(s => s.Stage).Distinct()));
        Assert.Equal(steps.Seen.Count, steps.Seen.Select(s => s.Step).Distinct().Count());
    }

    [Fact]
    public void Run_NoClassValidates_TooLittleData()
    {
        using var set = FeatureCloud.Set(_ => 0);
        Assert.Throws<TooLittleDataException>(() => Fit(set, FeatureCloud.Quick));
    }

    [Fact]
    public void Run_TrainingThatRuins_ExportsTheStart()
    {
        using var set = FeatureCloud.OneFold();
        var result = Fit(set, FeatureCloud.Quick with { HeadRate = 10, CentreRate = 10 });
        Assert.Equal(0, result.Steps);
        Assert.Equal(result.Candidates.Max(c => c.ValidationF1), result.Best.ValidationF1);
        Assert.Equal(
            result.Candidates.Single(c => c.Name == CandidateName.Discriminant).Head.Projection,
            result.Candidates.Single(c => c.Name == CandidateName.Trained).Head.Projection);
    }

    [Fact]
    public void Run_FourFolds_TheLastHeadSeesEverything()
    {
        using var set = FeatureCloud.FourFolds();
        var steps = new Interruption(0, () => { });
        var result = Fit(set, FeatureCloud.Quick with { Validations = 2 }, progress: steps);
        Assert.Equal(4, result.Folds);
        Assert.Equal(
            ["fold 1 of 5", "fold 2 of 5", "fold 3 of 5", "fold 4 of 5", "fold 5 of 5"], steps.Seen.Select(s => s.Stage).Distinct());
        Assert.Equal(result.Steps, steps.Seen.Count(s => s.Stage == "fold 5 of 5"));
        Assert.Equal(result.Candidates.Max(c => c.ValidationF1), result.Best.ValidationF1);
    }

    [Fact]
    public void Run_Twice_SameHeadAndThreshold()
    {
        using var set = FeatureCloud.TwoFolds();
        var options = FeatureCloud.Quick;
        var first = Fit(set, options);
        AssertSame(first, Fit(set, options));
        Assert.NotEqual(Trained(first), Trained(Fit(set, options with { Seed = 2 })));
    }

    [Fact]
    public void Run_LossNone_OnlyFrozenAndPca()
    {
        using var set = FeatureCloud.FourFolds();
        var result = Fit(set, FeatureCloud.Quick with { Loss = null });
        Assert.Equal([CandidateName.Frozen, CandidateName.Pca], result.Candidates.Select(c => c.Name).Order());
        Assert.Equal(0, result.Steps);
        Assert.Empty(result.History);
    }

    [Fact]
    public void Run_LossOverflows_SaysWhatToTry()
    {
        using var set = FeatureCloud.OneFold();
        var loss = new LossChoice(LossChoice.Cpf) { CpfParameters = new CpfParameters { PositiveScale = 1e4 } };
        var e = Assert.Throws<LossIsNotFiniteException>(() => Fit(set, FeatureCloud.Quick with { Loss = loss }));
        Assert.Contains("--head-rate", e.Message);
    }

    [Fact]
    public void Run_Cancelled_Stops()
    {
        using var set = FeatureCloud.OneFold();
        using var stop = new CancellationTokenSource();
        var steps = new Interruption(3, stop.Cancel);
        Assert.Throws<OperationCanceledException>(() => Fit(set, FeatureCloud.Quick, progress: steps, cancellationToken: stop.Token));
        Assert.Equal(3, steps.Seen.Count);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(26)]
    [InlineData(-4)]
    public void Run_InterruptedAndResumed_IsTheUninterruptedRunToTheBit(int at)
    {
        using var set = FeatureCloud.TwoFolds();
        var options = FeatureCloud.Quick with { Validations = 2 };
        var all = new Interruption(0, () => { });
        var expected = Fit(set, options, progress: all);
        at = at > 0 ? at : all.Seen.Count + at;
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(
            () => Fit(set, options, new Interruption(at, stop.Cancel), Checkpoint(set, options), stop.Token));

        var rest = new Interruption(0, () => { });
        AssertSame(expected, Fit(set, options, rest, Checkpoint(set, options)));
        Assert.Equal(all.Seen[at..].Select(s => (s.Stage, s.Step)), rest.Seen.Select(s => (s.Stage, s.Step)));

        // When all is finished nothing is trained again.
        var none = new Interruption(0, () => { });
        AssertSame(expected, Fit(set, options, none, Checkpoint(set, options)));
        Assert.Empty(none.Seen);
    }

    private HeadCheckpoint Checkpoint(FitSet set, HeadOptions options) =>
        HeadCheckpoint.Open(
            _folder, HeadRun.Hash(set, [options], CalibrationTarget.MaxF1, CPU), TimeProvider.System, HeadCheckpoint.Interval);

    private static HeadFitResult Fit(
        FitSet set, HeadOptions options, IProgress<TrainingProgress>? progress = null, HeadCheckpoint? checkpoint = null,
        CancellationToken cancellationToken = default) =>
        new HeadFit(set, new FitBaselines(set, CalibrationTarget.MaxF1), options.Validated(), CPU, null, progress, checkpoint)
            .Run(cancellationToken);

    private static double F1(HeadFitResult result, string name) => result.Candidates.Single(c => c.Name == name).ValidationF1;

    private static float[] Trained(HeadFitResult result) => result.Candidates.Single(c => c.Name == CandidateName.Trained).Head.Projection;

    private static void AssertSame(HeadFitResult expected, HeadFitResult actual)
    {
        Assert.Equal(Trained(expected), Trained(actual));
        Assert.Equal(expected.Best.Head.Projection, actual.Best.Head.Projection);
        Assert.Equal(
            (expected.Best.Name, expected.Steps, expected.Best.Calibration.Threshold),
            (actual.Best.Name, actual.Steps, actual.Best.Calibration.Threshold));
        Assert.Equal(expected.History, actual.History);
    }
}
