using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Vision.Onnx;
using Google.Protobuf;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Offline;

/// <summary>What <c>train</c> refuses or cannot do, with its exit code and its words.</summary>
public sealed class TrainRefusalTests(TrainingPictures pictures) : IClassFixture<TrainingPictures>, IDisposable
{
    private readonly TrainRuns _train = new(pictures);

    public void Dispose() => _train.Dispose();

    [Fact]
    public void Train_ThreeClasses_TooLittleData()
    {
        var some = TrainingPictures.Trained.OrderByDescending(ClassSplit.Byte).Take(3).ToList();
        Refused(
            5, "choose the threshold on",
            pictures.Lines.Where(l => !l.EndsWith(",train", StringComparison.Ordinal) || some.Contains(l.Split(',')[1])));
    }

    [Theory]
    [InlineData("--from-scratch has no effect with --depth head", "--from-scratch")]
    [InlineData("--backbone-rate has no effect with --depth head", "--backbone-rate", "0.1")]
    [InlineData("--preset has no effect with --loss arcface", "--loss", "arcface", "--preset", "cub")]
    [InlineData("--centre-rate has no effect with --loss multisimilarity", "--loss", "multisimilarity", "--centre-rate", "0.1")]
    [InlineData("--epochs has no effect with --loss none", "--loss", "none")]
    [InlineData("--catalogue has no effect with --unlabelled", "--unlabelled", "--catalogue", "90")]
    [InlineData("--epochs has no effect with --unlabelled --depth head", "--unlabelled", "--depth", "head", "--epochs", "2")]
    [InlineData("--unlabelled takes one folder", "--unlabelled", "--images", "elsewhere")]
    public void Train_OptionWithoutEffect_WrongUsage(string message, params string[] options) =>
        _train.Refused(2, message, _train.Train(options));

    [Fact]
    public void Train_PictureMissing_NamesIt() => Refused(
        2, "gone.png (line 3)",
        pictures.Lines.Select((l, i) => i == 2 ? l.Replace("c00-1.png", "gone.png", StringComparison.Ordinal) : l));

    [Fact]
    public void Train_ClassWithOnePicture_NamesIt() =>
        Refused(
            2, "lonely", [.. pictures.Lines.Where(l => !l.StartsWith("c06-3", StringComparison.Ordinal)), "c06-3.png,lonely,train"]);

    [Fact]
    public void Train_ClassInTwoSplits_NamesIt() => Refused(
        2, "c06",
        pictures.Lines.Select(l =>
            l.StartsWith("c06-3", StringComparison.Ordinal) ? l.Replace(",train", ",test", StringComparison.Ordinal) : l));

    [Fact]
    public void Train_OneClass_TooLittleData() =>
        Refused(
            5, "",
            pictures.Lines.Where(l => l.StartsWith("path", StringComparison.Ordinal) || l.StartsWith("c06", StringComparison.Ordinal)));

    [Fact]
    public void Train_OnnxWithoutMetadata_SaysSo()
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(pictures.Backbone));
        model.MetadataProps.Clear();
        var plain = Path.Combine(_train.Folder, "plain.onnx");
        File.WriteAllBytes(plain, model.ToByteArray());
        _train.Refused(2, "plain.onnx", TrainRuns.Run("train", "--images", pictures.Labels, "--backbone", plain, "--out", _train.Out));
    }

    [Fact]
    public void Train_UnknownLoss_NamesThoseThereAre()
    {
        var (code, _, error) = _train.Train("--loss", "triplet");
        Assert.Equal(2, code);
        Assert.StartsWith("--loss is \"triplet\", not one of cpf, ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_FolderThatCannotBe_SaysSoBeforeLongWork()
    {
        File.WriteAllText(Path.Combine(_train.Folder, "file"), "");
        _train.Refused(
            3, "Choose another folder", TrainRuns.Run(_train.Arguments(pictures.Labels, Path.Combine(_train.Folder, "file", "model"))));
    }

    [Theory]
    [InlineData(".training/head.checkpoint.new")]
    [InlineData(".head.onnx.new")]
    public void Train_FullDisk_SaysSo(string name)
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "/dev/full is missing");
        Directory.CreateDirectory(_train.Kept);
        File.CreateSymbolicLink(Path.Combine(_train.Out, name), "/dev/full");
        _train.Refused(3, "Free some space", _train.Train());
    }

    [Fact]
    public void Train_CancelledAtOnce_Three()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        _train.Refused(3, "interrupted", TrainRuns.Run(_train.Arguments(pictures.Labels, _train.Out), TimeProvider.System, stop.Token));
    }

    private void Refused(int expected, string part, IEnumerable<string> lines) =>
        _train.Refused(expected, part, TrainRuns.Run(_train.Arguments(pictures.WriteLabels(lines), _train.Out)));
}
