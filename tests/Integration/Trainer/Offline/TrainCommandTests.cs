using System.Text.Json;
using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Learning.ModelFolders;
using CpfPipeline.Trainer.Offline;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Offline;

/// <summary>Models that <c>train</c> makes, also over interruptions.</summary>
public sealed class TrainCommandTests(TrainingPictures pictures) : IClassFixture<TrainingPictures>, IDisposable
{
    private readonly TrainRuns _train = new(pictures);

    public void Dispose() => _train.Dispose();

    [Fact]
    public void Train_TinySet_WritesAModelThatEvaluateMeasuresAlike()
    {
        var (code, output, error) = _train.Train("--json");

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
        Assert.Equal(File.ReadAllText(Path.Combine(_train.Out, ModelFolder.ReportName)).Trim(), output.Trim());
        var page = File.ReadAllText(Path.Combine(_train.Out, ModelFolder.PageName));
        Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.OrdinalIgnoreCase);
        Assert.False(Directory.Exists(_train.Kept));

        var evaluated = TrainRuns.Run("evaluate", "--images", pictures.Labels, "--model", _train.Out, "--json");
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
        var whole = Path.Combine(_train.Folder, "whole");
        Assert.Equal(0, TrainRuns.Run([.. _train.Arguments(pictures.Labels, whole), "--seed", "3"]).Code);

        // Stops when the first fold has been kept.
        using var stop = new CancellationTokenSource();
        var stopped = TrainRuns.Run(
            [.. _train.Arguments(pictures.Labels, _train.Out), "--seed", "3"],
            new StoppingClock(() => HeadCheckpoint.IsIn(_train.Kept), stop), stop.Token);
        Assert.Equal(3, stopped.Code);
        Assert.Contains("run the same command again to go on from here", stopped.Error);
        Assert.Single(stopped.Error.Trim().Split('\n'));
        Assert.False(File.Exists(Path.Combine(_train.Out, ModelFolder.HeadName)));

        var resumed = _train.Train("--seed", "3");
        Assert.Equal((0, ""), (resumed.Code, resumed.Error));
        Assert.False(Directory.Exists(_train.Kept));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(whole, ModelFolder.HeadName)),
            File.ReadAllBytes(Path.Combine(_train.Out, ModelFolder.HeadName)));
        Assert.Equal(WithoutSeconds(whole), WithoutSeconds(_train.Out));
    }

    [Fact]
    public void Train_FeaturesKept_AreReadAndGiveTheSameModel()
    {
        var (state, first) = (Path.Combine(_train.Folder, "state"), Path.Combine(_train.Folder, "first"));
        var second = Path.Combine(_train.Folder, "second");
        Assert.Equal(0, Run(state, _train.Arguments(pictures.Labels, first)));
        var kept = Directory.GetFiles(state, "*.features", SearchOption.AllDirectories)
            .Select(f => (f, File.ReadAllBytes(f).Length)).ToList();
        Assert.NotEmpty(kept);

        Assert.Equal(0, Run(state, [.. _train.Arguments(pictures.Labels, second), "--feature-cache", "10"]));
        Assert.Equal(
            kept, Directory.GetFiles(state, "*.features", SearchOption.AllDirectories).Select(f => (f, File.ReadAllBytes(f).Length)));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(first, ModelFolder.HeadName)), File.ReadAllBytes(Path.Combine(second, ModelFolder.HeadName)));

        Assert.Equal(0, Run(state, [.. _train.Arguments(pictures.Labels, second), "--feature-cache", "0"]));
        Assert.Equal(WithoutSeconds(first), WithoutSeconds(second));

        static int Run(string state, IEnumerable<string> arguments) => OfflineCommand.Run(
            [.. arguments], TextWriter.Null, TextWriter.Null, TimeProvider.System, TestContext.Current.CancellationToken, state);
    }

    [Fact]
    public void Train_CheckpointOfAnotherRun_IsIgnoredWithALine()
    {
        using var stop = new CancellationTokenSource();
        var stopped = TrainRuns.Run(
            [.. _train.Arguments(pictures.Labels, _train.Out), "--seed", "3"],
            new StoppingClock(() => HeadCheckpoint.IsIn(_train.Kept), stop), stop.Token);
        Assert.Equal(3, stopped.Code);
        var (code, _, error) = _train.Train("--seed", "4");
        Assert.Equal(0, code);
        Assert.Contains("belongs to another run", error);
        Assert.False(Directory.Exists(_train.Kept));
    }

    [Fact]
    public void Train_ValidationRows_OneFold()
    {
        var labels = pictures.WriteLabels(pictures.Lines.Select(l =>
            l.StartsWith("c0", StringComparison.Ordinal) ? l.Replace(",train", ",val", StringComparison.Ordinal) : l));
        var (code, output, error) = TrainRuns.Run([.. _train.Arguments(labels, _train.Out), "--json"]);
        Assert.True(code == 0, error);
        Assert.Contains("\"folds\": 1", output);
    }

    [Fact]
    public void Train_NoTestRows_OneFoldAndTheReportIsOnValidation()
    {
        var labels = pictures.WriteLabels(pictures.Lines.Where(l => !l.EndsWith(",test", StringComparison.Ordinal)));
        var (code, output, error) = TrainRuns.Run([.. _train.Arguments(labels, _train.Out), "--json"]);
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
        _train.Refused(5, "choose the threshold on", TrainRuns.Run([.. _train.Arguments(labels, _train.Out), "--depth", "full"]));
        _train.Refused(5, "choose the threshold on", TrainRuns.Run(_train.Arguments(withoutTest, _train.Out)));

        var (code, output, error) = TrainRuns.Run([.. _train.Arguments(labels, _train.Out), "--json"]);
        Assert.True(code == 0, error);
        using var json = JsonDocument.Parse(output);
        Assert.Equal(folds, json.RootElement.GetProperty("training").GetProperty("folds").GetInt32());
        Assert.Equal(4, json.RootElement.GetProperty("candidates").GetArrayLength());
    }

    [Fact]
    public void Train_TwoSets_OneThresholdAndWhatItCostsEach()
    {
        var second = pictures.WriteSet(Path.Combine(_train.Folder, "second"), 100);
        var (code, output, error) = TrainRuns.Run([.. _train.Arguments(pictures.Labels, _train.Out), "--images", second, "--json"]);
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
            var evaluated = TrainRuns.Run("evaluate", "--images", labels, "--model", _train.Out, "--json");
            Assert.True(evaluated.Code == 0, evaluated.Error);
            using var measured = JsonDocument.Parse(evaluated.Output);
            Assert.Equal(12, measured.RootElement.GetProperty("images").GetInt32());
            Assert.Equal(root.GetProperty("threshold").GetRawText(), measured.RootElement.GetProperty("threshold").GetRawText());
        }
    }

    [Fact]
    public void Train_LossNone_ExportsFrozenOrPca()
    {
        var (code, output, error) = TrainRuns.Run(
            "train", "--images", pictures.Labels, "--backbone", pictures.Backbone, "--out", _train.Out, "--dim", "8", "--loss", "none",
            "--json");
        Assert.True(code == 0, error);
        using var json = JsonDocument.Parse(output);
        Assert.Equal(2, json.RootElement.GetProperty("candidates").GetArrayLength());
        Assert.Contains(json.RootElement.GetProperty("exported").GetString(), new[] { CandidateName.Frozen, CandidateName.Pca });
    }

    [Fact]
    public void Train_PrecisionOutOfReach_SaysSo()
    {
        var (code, _, error) = _train.Train("--precision", "0.9999");
        Assert.Equal(0, code);
        Assert.Contains("no threshold reaches", error);
    }

    private static string WithoutSeconds(string folder) => string.Join(
        '\n', File.ReadAllLines(Path.Combine(folder, ModelFolder.ReportName))
            .Where(l => !l.Contains("\"seconds\"", StringComparison.Ordinal)));

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
