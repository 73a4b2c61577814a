using System.Text.Json;
using CpfPipeline.Learning.ModelFolders;
using CpfPipeline.Vision.Models;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Offline;

public sealed class BackboneResNetTests(TrainingPictures pictures) : IClassFixture<TrainingPictures>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-integration-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void BackboneResNet_Seeds_SameFileForTheSameAndAnotherForAnother()
    {
        var spec = BackboneFile.Load(Write("one", "3")).Spec;
        Assert.Equal((32, 32, 256), (spec.Input.Height, spec.Input.Width, spec.FeatureDim));
        Assert.Contains("seed 3", spec.Provenance);
        Assert.Equal(File.ReadAllBytes(Write("one", "3")), File.ReadAllBytes(Write("two", "3")));
        Assert.NotEqual(File.ReadAllBytes(Write("one", "3")), File.ReadAllBytes(Write("two", "4")));
    }

    [Fact]
    public void BackboneResNet_TrainedFromScratch_GivesAModel()
    {
        var (start, target) = (Write("start", "1"), Path.Combine(_folder, "model"));
        var trained = CommandRun.Of(
            "train", "--images", pictures.Labels, "--backbone", start, "--out", target, "--depth", "full", "--from-scratch", "--epochs",
            "2",
            "--classes-per-batch", "4", "--dim", "8", "--json");
        Assert.True(trained.Code == 0, trained.Error);
        using var json = JsonDocument.Parse(trained.Output);
        var root = json.RootElement;
        Assert.Equal("full", root.GetProperty("provenance").GetProperty("depth").GetString());
        var backbone = root.GetProperty("backbone_training");
        Assert.Equal("training", backbone.GetProperty("settings").GetProperty("batch_norm").GetString());
        Assert.NotEmpty(backbone.GetProperty("history").EnumerateArray());
        Assert.Contains("full", root.GetProperty("candidates").EnumerateArray().Select(c => c.GetProperty("name").GetString()));
        Assert.Equal(1, root.GetProperty("training").GetProperty("folds").GetInt32());
        var model = ModelFolder.Read(target);
        Assert.StartsWith(BackboneFile.Load(start).Spec.Provenance, model.Backbone.Spec.Provenance, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(target, ".training")));
    }

    private string Write(string name, string seed)
    {
        var path = Path.Combine(_folder, $"{name}.onnx");
        var (code, output, error) = CommandRun.Of("backbone", "resnet", path, "--size", "32", "--seed", seed);
        Assert.True(code == 0, error);
        Assert.Contains("--from-scratch", output);
        return path;
    }
}
