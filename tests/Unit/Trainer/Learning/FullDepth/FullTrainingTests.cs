using CpfPipeline.Learning.Augmentation;
using CpfPipeline.Learning.Autograd;
using CpfPipeline.Learning.FullDepth;
using CpfPipeline.Learning.Graphs;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Learning.Optimisation;
using CpfPipeline.Tests.Unit.Contracts.Vision.Samples;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;
using Google.Protobuf;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.FullDepth;

public sealed class FullTrainingTests : IDisposable
{
    private static readonly BackboneFile Tiny = BackboneFile.Load(
        ResNetBackbone.Write(new ResNetSpec { Side = 16, StemWidth = 8, Widths = [8, 16], Blocks = [1, 1] }, 1), "tiny");

    private static readonly FullTrainingOptions Options = new()
    {
        Epochs = 8,
        ClassesPerBatch = 4,
        EmbeddingDim = 16,
        BackboneRate = 3e-3,
        ProjectionRate = 3e-3,
        EpochsPerValidation = 2,
        BatchNorm = BatchNormMode.Training,
        Augmentation = AugmentationOptions.None with { MinArea = .8 },
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-full-").FullName;
    private readonly IReadOnlyList<TrainingPicture> _train;
    private readonly IReadOnlyList<TrainingPicture> _validation;

    public FullTrainingTests()
    {
        // Sums of floats must not depend on how threads share them.
        TorchSharp.torch.set_num_threads(1);
        _train = SyntheticPictures.Write(Path.Combine(_folder, "train"), 8, 3, 1);
        _validation = SyntheticPictures.Write(Path.Combine(_folder, "validation"), 4, 4, 2);
    }

    private static ImageDecoder Decoder { get; } = new(new ImageLimits(), TimeProvider.System);

    private string Checkpoints => Path.Combine(_folder, "checkpoints");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Run_FromScratch_Learns()
    {
        var first = new Recorder();

        // Looks at what it learns from: how far so few pictures carry to other classes is chance.
        var result = FullTraining.Run(
            Tiny, "tiny", _train, _train, Options with { Epochs = 20, EpochsPerValidation = 5 }, null, first, Decoder, TimeProvider.System,
            TestContext.Current.CancellationToken);

        Assert.True(result.History[^1].Loss < .8 * result.History[0].Loss, $"{result.History[0].Loss} to {result.History[^1].Loss}");
        Assert.True(result.BestValidationF1 > first.FirstF1 + .1, $"F1 {first.FirstF1} to {result.BestValidationF1}");
        var file = BackboneFile.Load(result.Backbone, "result");
        Assert.Equal(Tiny.Spec.Input, file.Spec.Input);
        Assert.Contains(Tiny.Spec.Provenance, file.Spec.Provenance);
        Assert.Contains(result.DataHash[..12], file.Spec.Provenance);
        Assert.Equal(16 * result.EmbeddingDim, result.Projection.Length);
    }

    [Fact]
    public void Run_InterruptedAndResumed_GivesTheSame()
    {
        var whole = Run(Options);
        foreach (var stop in new[] { 3, 11 })
        {
            using var source = new CancellationTokenSource();
            var recorder = new Recorder(stop, source);
            Assert.ThrowsAny<OperationCanceledException>(() => Run(Options, Checkpoints, recorder, source.Token));
            Assert.InRange(recorder.Steps, stop, stop + 1);
            Assert.True(File.Exists(Path.Combine(Checkpoints, FullCheckpoint.FileName)));
        }

        var lines = new List<string>();
        AssertSame(whole, Run(Options, Checkpoints, notice: lines.Add));
        Assert.Matches("^going on from step 1[12] of [0-9]+$", Assert.Single(lines));

        // A finished run is there to be read again.
        var again = new Recorder();
        AssertSame(whole, Run(Options, Checkpoints, again));
        Assert.Equal(0, again.Steps);
    }

    [Fact]
    public void Run_CheckpointOfAnotherRunOrDamaged_IsIgnoredWithALine()
    {
        var options = Options with { Epochs = 1 };
        var lines = new List<string>();
        Run(options, Checkpoints, notice: lines.Add);
        Assert.Empty(lines);
        var other = options with { Seed = 2 };
        AssertSame(Run(other), Run(other, Checkpoints, notice: lines.Add));
        Assert.Contains("another run", Assert.Single(lines));

        var path = Path.Combine(Checkpoints, FullCheckpoint.FileName);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^100]);
        AssertSame(Run(other), Run(other, Checkpoints, notice: lines.Add));
        Assert.Contains("damaged", lines[1]);
    }

    [Fact]
    public void Run_FullDisk_SaysSoAndTheCheckpointBeforeIsStillGood()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "/dev/full is missing");
        var path = Path.Combine(Checkpoints, FullCheckpoint.FileName);
        using var source = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Run(Options, Checkpoints, new Recorder(3, source), source.Token));
        File.CreateSymbolicLink(path + ".new", "/dev/full");
        Assert.Contains(path, Assert.Throws<IOException>(() => Run(Options, Checkpoints)).Message);
        var rest = new Recorder();
        Run(Options, Checkpoints, rest);
        Assert.InRange(rest.First, 4, 5);
    }

    [Fact]
    public void Run_FrozenStatistics_StayAsTheyAre()
    {
        var result = Run(Options with { BatchNorm = BatchNormMode.Frozen, Epochs = 4, EpochsPerValidation = 4, Patience = 1 });
        var (before, after) = (Weights(Tiny.Bytes.ToArray()), Weights(result.Backbone));
        Assert.All(
            before.Keys.Where(n => n.EndsWith(".mean", StringComparison.Ordinal) || n.EndsWith(".variance", StringComparison.Ordinal)),
            n => Assert.Equal(before[n], after[n]));
    }

    [Fact]
    public void Run_WeightsThatAreNoNumbers_SaysSo()
    {
        var model = ModelProto.Parser.ParseFrom(Tiny.Bytes.Span);
        var weight = model.Graph.Initializer.Single(t => t.Name == "stem.conv.weight");
        var values = weight.RawData.ToByteArray();
        BitConverter.GetBytes(float.NaN).CopyTo(values, 0);
        weight.RawData = ByteString.CopyFrom(values);

        var start = BackboneFile.Load(model.ToByteArray(), "broken");
        var e = Assert.Throws<LossIsNotFiniteException>(
            () => FullTraining.Run(
                start, "broken", _train, _validation, Options, null, null, Decoder, TimeProvider.System,
                TestContext.Current.CancellationToken));
        Assert.Contains("step 0", e.Message);
    }

    [Fact]
    public void Run_WithoutLabels_FindsCopies()
    {
        var unlabelled = _train.Select(p => p with { Class = 0 }).ToList();
        var options = Options with { CopiesAsPositives = true, Augmentation = new AugmentationOptions(), Epochs = 6 };
        var result = FullTraining.Run(
            Tiny, "tiny", unlabelled, _validation, options, null, null, Decoder, TimeProvider.System,
            TestContext.Current.CancellationToken);
        Assert.InRange(result.BestValidationF1, .3, 1);
        Assert.NotEmpty(result.History);
    }

    [Fact]
    public void Run_PictureThatIsNone_IsLeftOutAndNamed()
    {
        var broken = Path.Combine(_folder, "broken.png");
        File.WriteAllBytes(broken, TestPictures.Png()[..60]);
        var result = FullTraining.Run(
            Tiny, "tiny", [.. _train, new(broken, 0), new(Path.Combine(_folder, "none.png"), 1)], _validation,
            Options with { Epochs = 1, MaxCacheBytes = 0 },
            null, null, Decoder, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal([(24, true), (25, true)], result.Refused.Select(r => (r.Picture, r.Message.Length > 0)));
    }

    [Fact]
    public void Run_TooLittle_SaysHowMuch()
    {
        var one = _train.Where(p => p.Class == 0).ToList();
        Assert.Contains("two classes", Assert.Throws<TooLittleDataException>(() => FullTraining.Run(
            Tiny, "tiny", one, _validation, Options, null, null, Decoder, TimeProvider.System,
            TestContext.Current.CancellationToken)).Message);
        Assert.Contains("validation", Assert.Throws<TooLittleDataException>(() => FullTraining.Run(
            Tiny, "tiny", _train, one, Options, null, null, Decoder, TimeProvider.System,
            TestContext.Current.CancellationToken)).Message);
    }

    [Fact]
    public void Check_ValuesOutOfRange_ListsThem()
    {
        var options = Options with
        {
            Epochs = 0, CopyShare = 2, Augmentation = new AugmentationOptions { MinArea = 0 },
            PicturesPerClass = 1, CopiesAsPositives = true,
        };
        var message = Assert.Throws<ArgumentException>(options.Check).Message;
        Assert.All(["Epochs", "CopyShare", "MinArea", "PicturesPerClass"], name => Assert.Contains(name, message));
        new FullTrainingOptions().Check();
    }

    private FullTrainingResult Run(
        FullTrainingOptions options, string? checkpoint = null, IProgress<TrainingProgress>? progress = null,
        CancellationToken? cancellationToken = null, Action<string>? notice = null) =>
        FullTraining.Run(
            Tiny, "tiny", _train, _validation, options, checkpoint, progress, Decoder, TimeProvider.System,
            cancellationToken ?? TestContext.Current.CancellationToken, notice);

    private static void AssertSame(FullTrainingResult expected, FullTrainingResult actual)
    {
        Assert.Equal(expected.Projection, actual.Projection);
        Assert.Equal(expected.Backbone, actual.Backbone);
        Assert.Equal(expected.History, actual.History);
        Assert.Equal((expected.BestValidationF1, expected.BestStep), (actual.BestValidationF1, actual.BestStep));
    }

    private static Dictionary<string, ByteString> Weights(byte[] model) =>
        ModelProto.Parser.ParseFrom(model).Graph.Initializer.ToDictionary(t => t.Name, t => t.RawData, StringComparer.Ordinal);

    private sealed class Recorder(int stopAt = 0, CancellationTokenSource? source = null) : IProgress<TrainingProgress>
    {
        public int Steps { get; private set; }

        public int First { get; private set; }

        public double? FirstF1 { get; private set; }

        public void Report(TrainingProgress value)
        {
            if (value.Stage == "validated")
            {
                FirstF1 ??= value.ValidationF1;
            }

            if (value.Stage == "training")
            {
                Steps = value.Step;
                First = First == 0 ? value.Step : First;
                if (value.Step == stopAt)
                {
                    source?.Cancel();
                }
            }
        }
    }
}
