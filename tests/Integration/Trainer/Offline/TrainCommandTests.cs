using System.Text.Json;
using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Learning.ModelFolders;
using CpfPipeline.Trainer.Offline;
using CpfPipeline.Vision.Onnx;
using Google.Protobuf;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Offline;

public sealed class TrainCommandTests(TrainingPictures pictures) : IClassFixture<TrainingPictures>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-integration-").FullName;

    private string Out => Path.Combine(_folder, "model");

    private string Kept => Path.Combine(Out, ".training");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Train_TinySet_WritesAModelThatEvaluateMeasuresAlike()
    {
        var (code, output, error) = Train("--json");

        Assert.True(code == 0, error);
        using var json = JsonDocument.Parse(output);
        var root = json.RootElement;
        string[] names =
        [
            "images", "classes", "distractors", "threshold", "recall_at_1", "map_at_r", "precision", "recall", "f1", "best_f1",
            "best_threshold",
            "bcubed_f1", "opis", "f1_interval", "split", "exported", "seconds", "refused", "candidates", "calibration", "training",
            "provenance",
        ];
        Assert.Empty(names.Except(root.EnumerateObject().Select(p => p.Name)));
        Assert.Equal((12, 3, "test"),
            (root.GetProperty("images").GetInt32(), root.GetProperty("classes").GetInt32(), root.GetProperty("split").GetString()));
        Assert.Equal(4, root.GetProperty("training").GetProperty("folds").GetInt32());
        Assert.Equal(4, root.GetProperty("candidates").GetArrayLength());
        var provenance = root.GetProperty("provenance");
        Assert.Equal("1", provenance.GetProperty("seed").GetString());
        Assert.Matches("^[0-9a-f]{64}$", provenance.GetProperty("data_sha256").GetString());
        Assert.Contains("CPU", provenance.GetProperty("device").GetString());
        var exported = root.GetProperty("candidates").EnumerateArray().MaxBy(c => c.GetProperty("validation_f1").GetDouble());
        Assert.Equal(exported.GetProperty("validation_f1").GetDouble(), root.GetProperty("calibration").GetProperty("f1").GetDouble());
        Assert.Equal(File.ReadAllText(Path.Combine(Out, ModelFolder.ReportName)).Trim(), output.Trim());
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(Path.Combine(Out, ModelFolder.PageName)), StringComparison.OrdinalIgnoreCase);
        Assert.False(Directory.Exists(Kept));

        var evaluated = Run("evaluate", "--images", pictures.Labels, "--model", Out, "--json");
        Assert.True(evaluated.Code == 0, evaluated.Error);
        using var measured = JsonDocument.Parse(evaluated.Output);
        foreach (var name in new[] { "threshold", "f1", "recall_at_1", "map_at_r", "bcubed_f1", "opis" })
        {
            Assert.Equal(root.GetProperty(name).GetRawText(), measured.RootElement.GetProperty(name).GetRawText());
        }
    }

    [Fact]
    public void Train_InterruptedAndResumedOrTwice_SameFiles()
    {
        var whole = Path.Combine(_folder, "whole");
        Assert.Equal(0, Run([.. Arguments(pictures.Labels, whole), "--seed", "3"]).Code);

        // Stops when the first fold has been kept.
        using var stop = new CancellationTokenSource();
        var stopped = Run(
            [.. Arguments(pictures.Labels, Out), "--seed", "3"], new StoppingClock(() => HeadCheckpoint.IsIn(Kept), stop), stop.Token);
        Assert.Equal(3, stopped.Code);
        Assert.Contains("run the same command again to go on from here", stopped.Error);
        Assert.Single(stopped.Error.Trim().Split('\n'));
        Assert.False(File.Exists(Path.Combine(Out, ModelFolder.HeadName)));

        var resumed = Train("--seed", "3");
        Assert.Equal((0, ""), (resumed.Code, resumed.Error));
        Assert.False(Directory.Exists(Kept));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(whole, ModelFolder.HeadName)), File.ReadAllBytes(Path.Combine(Out, ModelFolder.HeadName)));
        Assert.Equal(WithoutSeconds(whole), WithoutSeconds(Out));
    }

    [Fact]
    public void Train_FeaturesKept_AreReadAndGiveTheSameModel()
    {
        var (state, first, second) = (Path.Combine(_folder, "state"), Path.Combine(_folder, "first"), Path.Combine(_folder, "second"));
        Assert.Equal(0, Run(state, Arguments(pictures.Labels, first)));
        var kept = Directory.GetFiles(state, "*.features", SearchOption.AllDirectories)
            .Select(f => (f, File.ReadAllBytes(f).Length)).ToList();
        Assert.NotEmpty(kept);

        Assert.Equal(0, Run(state, [.. Arguments(pictures.Labels, second), "--feature-cache", "10"]));
        Assert.Equal(
            kept, Directory.GetFiles(state, "*.features", SearchOption.AllDirectories).Select(f => (f, File.ReadAllBytes(f).Length)));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(first, ModelFolder.HeadName)), File.ReadAllBytes(Path.Combine(second, ModelFolder.HeadName)));

        Assert.Equal(0, Run(state, [.. Arguments(pictures.Labels, second), "--feature-cache", "0"]));
        Assert.Equal(WithoutSeconds(first), WithoutSeconds(second));

        static int Run(string state, IEnumerable<string> arguments) => OfflineCommand.Run(
            [.. arguments], TextWriter.Null, TextWriter.Null, TimeProvider.System, TestContext.Current.CancellationToken, state);
    }

    [Fact]
    public void Train_CheckpointOfAnotherRun_IsIgnoredWithALine()
    {
        using var stop = new CancellationTokenSource();
        var stopped = Run(
            [.. Arguments(pictures.Labels, Out), "--seed", "3"], new StoppingClock(() => HeadCheckpoint.IsIn(Kept), stop), stop.Token);
        Assert.Equal(3, stopped.Code);
        var (code, _, error) = Train("--seed", "4");
        Assert.Equal(0, code);
        Assert.Contains("belongs to another run", error);
        Assert.False(Directory.Exists(Kept));
    }

    [Fact]
    public void Train_ValidationRows_OneFold()
    {
        var labels = pictures.WriteLabels(pictures.Lines.Select(l =>
            l.StartsWith("c0", StringComparison.Ordinal) ? l.Replace(",train", ",val", StringComparison.Ordinal) : l));
        var (code, output, error) = Run([.. Arguments(labels, Out), "--json"]);
        Assert.True(code == 0, error);
        Assert.Contains("\"folds\": 1", output);
    }

    [Fact]
    public void Train_NoTestRows_OneFoldAndTheReportIsOnValidation()
    {
        var labels = pictures.WriteLabels(pictures.Lines.Where(l => !l.EndsWith(",test", StringComparison.Ordinal)));
        var (code, output, error) = Run([.. Arguments(labels, Out), "--json"]);
        Assert.True(code == 0, error);
        using var json = JsonDocument.Parse(output);
        var root = json.RootElement;
        Assert.Equal(1, root.GetProperty("training").GetProperty("folds").GetInt32());
        Assert.Equal("val", root.GetProperty("split").GetString());
        Assert.Equal("the validation classes", root.GetProperty("provenance").GetProperty("validation").GetString());
    }

    [Theory]
    [InlineData(4, 2)]
    [InlineData(5, 2)]
    [InlineData(6, 3)]
    public void Train_TooFewClassesForTheRule_TheyTakeTurns(int classes, int folds)
    {
        // None of them, or one, would validate.
        var some = TrainingPictures.Trained.OrderByDescending(ClassSplit.Byte).Take(classes).ToList();
        Assert.InRange(some.Count(ClassSplit.IsCalibration), 0, 1);
        var labels = pictures.WriteLabels(
            pictures.Lines.Where(l => !l.EndsWith(",train", StringComparison.Ordinal) || some.Contains(l.Split(',')[1])));
        var withoutTest = pictures.WriteLabels(File.ReadLines(labels).Where(l => !l.EndsWith(",test", StringComparison.Ordinal)));
        Refused(5, "choose the threshold on", Run([.. Arguments(labels, Out), "--depth", "full"]));
        Refused(5, "choose the threshold on", Run(Arguments(withoutTest, Out)));

        var (code, output, error) = Run([.. Arguments(labels, Out), "--json"]);
        Assert.True(code == 0, error);
        using var json = JsonDocument.Parse(output);
        Assert.Equal(folds, json.RootElement.GetProperty("training").GetProperty("folds").GetInt32());
        Assert.Equal(4, json.RootElement.GetProperty("candidates").GetArrayLength());
    }

    [Fact]
    public void Train_ThreeClasses_TooLittleData()
    {
        var some = TrainingPictures.Trained.OrderByDescending(ClassSplit.Byte).Take(3).ToList();
        Refused(5, "choose the threshold on", Run(Arguments(
            pictures.WriteLabels(
                pictures.Lines.Where(l => !l.EndsWith(",train", StringComparison.Ordinal) || some.Contains(l.Split(',')[1]))), Out)));
    }

    [Fact]
    public void Train_TwoSets_OneThresholdAndWhatItCostsEach()
    {
        var second = pictures.WriteSet(Path.Combine(_folder, "second"), 100);
        var (code, output, error) = Run([.. Arguments(pictures.Labels, Out), "--images", second, "--json"]);
        Assert.True(code == 0, error);
        using var json = JsonDocument.Parse(output);
        var (root, calibration) = (json.RootElement, json.RootElement.GetProperty("calibration"));
        var sets = calibration.GetProperty("sets").EnumerateArray().ToList();
        Assert.Equal([Path.GetFileName(pictures.Folder), "second"], sets.Select(s => s.GetProperty("name").GetString()));
        Assert.All(sets, s => Assert.InRange(s.GetProperty("f1").GetDouble(), 0, s.GetProperty("best_f1").GetDouble()));
        Assert.Equal(sets.Average(s => s.GetProperty("f1").GetDouble()), calibration.GetProperty("f1").GetDouble(), 12);
        Assert.Equal(24, root.GetProperty("images").GetInt32());

        // The threshold of the whole is that of each.
        foreach (var labels in new[] { pictures.Labels, second })
        {
            var evaluated = Run("evaluate", "--images", labels, "--model", Out, "--json");
            Assert.True(evaluated.Code == 0, evaluated.Error);
            using var measured = JsonDocument.Parse(evaluated.Output);
            Assert.Equal(12, measured.RootElement.GetProperty("images").GetInt32());
            Assert.Equal(root.GetProperty("threshold").GetRawText(), measured.RootElement.GetProperty("threshold").GetRawText());
        }
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
    public void Train_OptionWithoutEffect_WrongUsage(string message, params string[] options) => Refused(2, message, Train(options));

    [Fact]
    public void Train_LossNone_ExportsFrozenOrPca()
    {
        var (code, output, error) = Run(
            "train", "--images", pictures.Labels, "--backbone", pictures.Backbone, "--out", Out, "--dim", "8", "--loss", "none", "--json");
        Assert.True(code == 0, error);
        using var json = JsonDocument.Parse(output);
        Assert.Equal(2, json.RootElement.GetProperty("candidates").GetArrayLength());
        Assert.Contains(json.RootElement.GetProperty("exported").GetString(), new[] { CandidateName.Frozen, CandidateName.Pca });
    }

    [Fact]
    public void Train_PrecisionOutOfReach_SaysSo()
    {
        var (code, _, error) = Train("--precision", "0.9999");
        Assert.Equal(0, code);
        Assert.Contains("no threshold reaches", error);
    }

    [Fact]
    public void Train_PictureMissing_NamesIt() => Refused(2, "gone.png (line 3)", Run([.. Arguments(pictures.WriteLabels(
        pictures.Lines.Select((l, i) => i == 2 ? l.Replace("c00-1.png", "gone.png", StringComparison.Ordinal) : l)), Out)]));

    [Fact]
    public void Train_ClassWithOnePicture_NamesIt() =>
        Refused(2, "lonely", Run([.. Arguments(pictures.WriteLabels(
            [.. pictures.Lines.Where(l => !l.StartsWith("c06-3", StringComparison.Ordinal)), "c06-3.png,lonely,train"]), Out)]));

    [Fact]
    public void Train_ClassInTwoSplits_NamesIt() => Refused(2, "c06", Run([.. Arguments(pictures.WriteLabels(
        pictures.Lines.Select(l =>
            l.StartsWith("c06-3", StringComparison.Ordinal) ? l.Replace(",train", ",test", StringComparison.Ordinal) : l)), Out)]));

    [Fact]
    public void Train_OneClass_TooLittleData() =>
        Refused(5, "", Run([.. Arguments(pictures.WriteLabels(pictures.Lines.Where(l =>
            l.StartsWith("path", StringComparison.Ordinal) || l.StartsWith("c06", StringComparison.Ordinal))), Out)]));

    [Fact]
    public void Train_OnnxWithoutMetadata_SaysSo()
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(pictures.Backbone));
        model.MetadataProps.Clear();
        var plain = Path.Combine(_folder, "plain.onnx");
        File.WriteAllBytes(plain, model.ToByteArray());
        Refused(2, "plain.onnx", Run("train", "--images", pictures.Labels, "--backbone", plain, "--out", Out));
    }

    [Fact]
    public void Train_UnknownLoss_NamesThoseThereAre()
    {
        var (code, _, error) = Train("--loss", "triplet");
        Assert.Equal(2, code);
        Assert.StartsWith("--loss is \"triplet\", not one of cpf, ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_FolderThatCannotBe_SaysSoBeforeLongWork()
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        Refused(3, "Choose another folder", Run([.. Arguments(pictures.Labels, Path.Combine(_folder, "file", "model"))]));
    }

    [Theory]
    [InlineData(".training/head.checkpoint.new")]
    [InlineData(".head.onnx.new")]
    public void Train_FullDisk_SaysSo(string name)
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "/dev/full is missing");
        Directory.CreateDirectory(Kept);
        File.CreateSymbolicLink(Path.Combine(Out, name), "/dev/full");
        Refused(3, "Free some space", Train());
    }

    [Fact]
    public void Train_CancelledAtOnce_Three()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Refused(3, "interrupted", Run(Arguments(pictures.Labels, Out), TimeProvider.System, stop.Token));
    }

    private void Refused(int expected, string part, (int Code, string Output, string Error) result)
    {
        Assert.Equal((expected, ""), (result.Code, result.Output));
        Assert.Contains(part, result.Error);
        Assert.DoesNotContain("   at ", result.Error);
        Assert.False(File.Exists(Path.Combine(Out, ModelFolder.ReportName)));
    }

    private static string WithoutSeconds(string folder) => string.Join(
        '\n', File.ReadAllLines(Path.Combine(folder, ModelFolder.ReportName))
            .Where(l => !l.Contains("\"seconds\"", StringComparison.Ordinal)));

    private string[] Arguments(string labels, string folder) =>
    [
        "train", "--images", labels, "--backbone", pictures.Backbone, "--out", folder, "--epochs", "3", "--classes-per-batch", "4",
        "--pictures-per-class", "2",
        "--dim", "8",
    ];

    private (int Code, string Output, string Error) Train(params string[] more) => Run([.. Arguments(pictures.Labels, Out), .. more]);

    private static (int Code, string Output, string Error) Run(params string[] args) =>
        Run(args, TimeProvider.System, TestContext.Current.CancellationToken);

    private static (int Code, string Output, string Error) Run(string[] args, TimeProvider time, CancellationToken cancellationToken)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = OfflineCommand.Run(args, output, error, time, cancellationToken);

        // The first line names the device, which differs between machines.
        return (code, output.ToString(),
            string.Join('\n', error.ToString().Split('\n').Where(l => !l.StartsWith("training on ", StringComparison.Ordinal))));
    }

    /// <summary>Cancels when it is looked at and something is so.</summary>
    private sealed class StoppingClock(Func<bool> isTime, CancellationTokenSource stop) : TimeProvider
    {
        public override long GetTimestamp()
        {
            if (isTime())
            {
                stop.Cancel();
            }

            return base.GetTimestamp();
        }
    }
}
