using System.Security.Cryptography;
using System.Text.Json;
using CpfPipeline.Learning.ModelFolders;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Offline;

public sealed class UnlabelledTrainingTests(TrainingPictures pictures) : IClassFixture<TrainingPictures>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-integration-").FullName;

    private string Pictures => Path.Combine(_folder, "pictures");

    private string Out => Path.Combine(_folder, "model");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Train_Unlabelled_WritesAModelThatEvaluateLoads()
    {
        var count = WritePictures(validating: 10);

        // What labels are there is not looked at.
        File.WriteAllText(Path.Combine(Pictures, "labels.csv"), "no,labels\n");
        var (code, output, error) = Train();
        Assert.True(code == 0, error);
        Assert.StartsWith("training on CPU", error, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(output);
        var root = json.RootElement;
        Assert.Equal(("copies", "copies"), (root.GetProperty("split").GetString(), root.GetProperty("exported").GetString()));
        Assert.Equal(0, root.GetProperty("refused").GetInt32());
        Assert.Equal(10, root.GetProperty("classes").GetInt32());
        Assert.Equal(count - 10, root.GetProperty("distractors").GetInt32());
        Assert.Equal(File.ReadAllText(Path.Combine(Out, ModelFolder.ReportName)).Trim(), output.Trim());
        Assert.True(File.Exists(Path.Combine(Out, ModelFolder.PageName)));
        Assert.False(Directory.Exists(Path.Combine(Out, ".training")));
        Assert.Contains("trained by CpfPipeline", ModelFolder.Read(Out).Backbone.Spec.Provenance);

        var evaluated = CommandRun.Of("evaluate", "--images", pictures.Labels, "--model", Out, "--json");
        Assert.True(evaluated.Code == 0, evaluated.Error);
        using var measured = JsonDocument.Parse(evaluated.Output);
        Assert.Equal(root.GetProperty("threshold").GetRawText(), measured.RootElement.GetProperty("threshold").GetRawText());
    }

    [Fact]
    public void Train_UnlabelledAtDepthHead_FitsAHeadAndKeepsTheBackbone()
    {
        var count = WritePictures(validating: 80);
        var (code, output, error) = CommandRun.Of(
            "train", "--unlabelled", "--depth", "head", "--images", Pictures, "--backbone", pictures.Backbone, "--out", Out, "--dim", "8",
            "--precision", "0.9", "--json");
        Assert.True(code == 0, error);
        using var json = JsonDocument.Parse(output);
        var root = json.RootElement;
        var report = root.GetProperty("calibration").GetProperty("report");
        Assert.Equal(count - 80, report.GetProperty("fittedPictures").GetInt32());
        Assert.Equal(.9, report.GetProperty("precision").GetDouble());
        Assert.Equal("head", root.GetProperty("provenance").GetProperty("depth").GetString());
        var model = ModelFolder.Read(Out);
        Assert.Equal(File.ReadAllBytes(pictures.Backbone), model.Backbone.Bytes.ToArray());
        Assert.Equal(8, model.Head.Spec.EmbeddingDim);
        Assert.StartsWith("scatter head", model.Head.Spec.Provenance, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_UnlabelledWithPicturesThatAreNone_LeavesThemOutAndCountsThem()
    {
        var count = WritePictures(validating: 10);
        File.WriteAllText(Path.Combine(Pictures, "text.png"), "text");
        File.WriteAllBytes(Path.Combine(Pictures, "torn.png"), TrainingPictures.Png(500, 0)[..200]);
        var (code, output, error) = Train();
        Assert.True(code == 1, error);
        Assert.Contains("text.png: unsupported_format", error);
        Assert.Contains("torn.png: ", error);
        Assert.Contains("2 pictures cannot be used", error);
        using var json = JsonDocument.Parse(output);
        Assert.Equal(2, json.RootElement.GetProperty("refused").GetInt32());
        Assert.Equal(count - 10, json.RootElement.GetProperty("distractors").GetInt32());
    }

    [Fact]
    public void Train_UnlabelledWithNineToValidate_TooLittleDataBeforeAnyTraining()
    {
        var count = WritePictures(validating: 9);
        var (code, output, error) = Train();
        Assert.Equal((5, ""), (code, output));
        Assert.Contains($"of {count} usable pictures 9 do not train and can choose the threshold, at least 10 are needed", error);
        Assert.False(Directory.Exists(Out));
    }

    private CommandRun Train() => CommandRun.Of(
        "train", "--unlabelled", "--images", Pictures, "--backbone", pictures.Backbone, "--out", Out, "--epochs", "2",
        "--classes-per-batch", "8", "--dim", "8", "--json");

    // As many as it takes for so many to have a hash below 51.
    private int WritePictures(int validating)
    {
        Directory.CreateDirectory(Pictures);
        var count = 0;
        for (var left = validating; left > 0; count++)
        {
            var png = TrainingPictures.Png(1_000 + count, 0);
            File.WriteAllBytes(Path.Combine(Pictures, $"{count:000}.png"), png);
            left -= SHA256.HashData(png)[0] < 51 ? 1 : 0;
        }

        return count;
    }
}
