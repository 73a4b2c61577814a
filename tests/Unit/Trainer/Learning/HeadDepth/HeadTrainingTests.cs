using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Learning.Losses;
using CpfPipeline.Learning.Optimisation;
using Xunit;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.HeadDepth;

public sealed class HeadTrainingTests : IDisposable
{
    private static readonly LinearHead Start = new(
        false, new float[FeatureCloud.Dimension], [.. Enumerable.Range(0, FeatureCloud.Dimension * 8).Select(i => MathF.Sin(i) / 8)]);

    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-unit-").FullName;
    private readonly FitSet _set = FeatureCloud.OneFold();

    public void Dispose()
    {
        _set.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(LossChoice.Cpf)]
    [InlineData(LossChoice.MultiSimilarity)]
    [InlineData(LossChoice.ProxyAnchor)]
    public void Run_CancelledAndResumed_IsTheUninterruptedRunToTheBit(string loss)
    {
        var options = FeatureCloud.Quick with { Loss = new LossChoice(loss) };
        var expected = Run(options, Score);
        Assert.True(expected.Step > 0);
        foreach (var at in new[] { 1, 20 })
        {
            using var stop = new CancellationTokenSource();
            var interruption = new Interruption(at, stop.Cancel);
            Assert.Throws<OperationCanceledException>(() => Run(options, Score, Checkpoint(), interruption, stop.Token));
            manual_seed(at);

            var rest = new Interruption(0, () => { });
            AssertSame(expected, Run(options, Score, Checkpoint(), rest));
            Assert.Equal(at + 1, rest.Seen[0].Step);
            Delete();
        }
    }

    [Fact]
    public void Run_CancelledWhileLookingAtValidation_LooksAgain()
    {
        var expected = Run(FeatureCloud.Quick, Score);
        using var stop = new CancellationTokenSource();
        var looks = 0;
        Assert.Throws<OperationCanceledException>(() => Run(FeatureCloud.Quick, head =>
        {
            if (++looks == 3)
            {
                stop.Cancel();
                stop.Token.ThrowIfCancellationRequested();
            }

            return Score(head);
        }, Checkpoint(), null, stop.Token));
        AssertSame(expected, Run(FeatureCloud.Quick, Score, Checkpoint()));
    }

    [Fact]
    public void Run_Killed_GoesOnFromWhatWasKeptLast()
    {
        var expected = Run(FeatureCloud.Quick, Score);
        Assert.Throws<InvalidOperationException>(
            () => Run(
                FeatureCloud.Quick, Score, Checkpoint(TimeSpan.Zero),
                new Interruption(9, () => throw new InvalidOperationException("killed"))));
        var rest = new Interruption(0, () => { });
        AssertSame(expected, Run(FeatureCloud.Quick, Score, Checkpoint(), rest));
        Assert.Equal(9, rest.Seen[0].Step);
    }

    [Fact]
    public void Run_NoValidation_StopsAtTheGivenStep()
    {
        var whole = Run(FeatureCloud.Quick, null, stopAfter: 5);
        Assert.Equal((5, null), (whole.Step, whole.ValidationF1));
        Assert.All(whole.History, p => Assert.Null(p.ValidationF1));
        Assert.NotEqual(Start.Projection, whole.Head.Projection);
    }

    [Fact]
    public void Run_NothingBetterThanTheStart_ReturnsTheStart()
    {
        var result = Run(FeatureCloud.Quick, head => head.Projection.SequenceEqual(Start.Projection) ? .9 : .1);
        Assert.Equal(0, result.Step);
        Assert.Equal(Start.Projection, result.Head.Projection);
        Assert.Equal(FeatureCloud.Quick.Patience, result.History.Count - 1);
    }

    [Fact]
    public void Run_StartWithDirections_TrainsWithinThemAlone()
    {
        using var scope = NewDisposeScope();
        var basis = linalg.qr(tensor(Start.Projection, [FeatureCloud.Dimension, 8])).Q;
        var start = Start with { Directions = basis.contiguous().data<float>().ToArray() };
        var result = Run(FeatureCloud.Quick, null, stopAfter: 5, start: start);

        var trained = tensor(result.Head.Projection, [FeatureCloud.Dimension, 8]);
        Assert.False(trained.allclose(tensor(Start.Projection, [FeatureCloud.Dimension, 8]), 1e-3, 1e-4));
        Assert.True(trained.allclose(basis.mm(basis.t().mm(trained)), 1e-4, 1e-5));
        Assert.Null(result.Head.Directions);
    }

    [Fact]
    public void Run_NothingBetterThanAStartWithDirections_ReturnsItToTheBit()
    {
        using var scope = NewDisposeScope();
        var basis = linalg.qr(tensor(Start.Projection, [FeatureCloud.Dimension, 8])).Q;
        var start = Start with { Directions = basis.contiguous().data<float>().ToArray() };
        var looks = 0;
        Assert.Equal(Start.Projection, Run(FeatureCloud.Quick, _ => -(looks++), start: start).Head.Projection);
    }

    [Fact]
    public void Run_LossFalls_OverTheRun()
    {
        var losses = Run(FeatureCloud.Quick with { Epochs = 20 }, null).History.Select(p => p.Loss).ToList();
        Assert.True(losses[^1] < .99 * losses[0], string.Join(' ', losses));
    }

    [Fact]
    public void Run_FeatureNotANumber_SaysWhatToTry()
    {
        using var scope = NewDisposeScope();
        var features = _set.Features.clone();
        features[3, 5] = tensor(float.NaN).to(ScalarType.Float16);
        var training = new HeadTraining(FeatureCloud.Quick, Start, features, _set.Classes);
        var e = Assert.Throws<LossIsNotFiniteException>(() => training.Run(CPU, null, null, null, TestContext.Current.CancellationToken));
        Assert.Contains("--centre-rate", e.Message);
    }

    [Fact]
    public void Run_LastStepBreaksTheHead_IsNotReturned()
    {
        // The loss is of before the step, and finite.
        var training = new HeadTraining(FeatureCloud.Quick with { HeadRate = double.NaN }, Start, _set.Features, _set.Classes);
        Assert.Throws<LossIsNotFiniteException>(() => training.Run(CPU, 1, null, null, TestContext.Current.CancellationToken));
    }

    // Any measure does that depends on every value and grows in training.
    private static double Score(LinearHead head) =>
        head.Projection.Select((v, i) => Math.Abs(v - Start.Projection[i]) * (1 + (i % 3))).Sum() / 1e4;

    private static void AssertSame(HeadTrainingResult expected, HeadTrainingResult actual)
    {
        Assert.Equal(expected.Head.Projection, actual.Head.Projection);
        Assert.Equal((expected.Step, expected.ValidationF1), (actual.Step, actual.ValidationF1));
        Assert.Equal(expected.History, actual.History);
    }

    private HeadTrainingResult Run(
        HeadOptions options, Func<LinearHead, double>? validate, HeadCheckpoint? checkpoint = null,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default, int? stopAfter = null, LinearHead? start = null)
    {
        set_num_threads(1);
        return new HeadTraining(options, start ?? Start, _set.Features, _set.Classes)
            .Run(CPU, stopAfter, validate, progress, cancellationToken, checkpoint, "one");
    }

    private HeadCheckpoint Checkpoint(TimeSpan? interval = null) =>
        HeadCheckpoint.Open(_folder, new byte[32], TimeProvider.System, interval ?? HeadCheckpoint.Interval);

    private void Delete() => File.Delete(Path.Combine(_folder, HeadCheckpoint.FileName));
}
