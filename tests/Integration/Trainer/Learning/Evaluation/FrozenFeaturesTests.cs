using System.Text.Json;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Learning.ModelFolders;
using CpfPipeline.Trainer.Offline;
using CpfPipeline.Vision.Models;
using Google.Protobuf;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Learning.Evaluation;

/// <summary>Known figures: frozen MobileNetV2 features at unit length on real pictures, measured by other code (shared/data/SOURCES.md).</summary>
public sealed class FrozenFeaturesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-integration-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("emoji", .400, .226, .147, .819, .0445)]
    public void Evaluate_FrozenFeatures_GivesTheKnownFigures(string set, double recall, double map, double f1, double threshold, double opis)
    {
        var (labels, backbone) = (SharedOrSkip($"data/{set}/labels.csv"), SharedOrSkip("models/mobilenetv2_imagenet_features.onnx"));
        WriteModel(backbone);
        var (output, error) = (new StringWriter(), new StringWriter());

        var code = OfflineCommand.Run(
            ["evaluate", "--images", labels, "--model", _folder, "--json"], output, error, TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.True(code == 0, error.ToString());
        TestContext.Current.SendDiagnosticMessage(output.ToString());
        using var json = JsonDocument.Parse(output.ToString());
        double Figure(string name) => json.RootElement.GetProperty(name).GetDouble();

        // The known figures come from another decoder and from float features.
        Assert.Equal(recall, Figure("recall_at_1"), .01);
        Assert.Equal(map, Figure("map_at_r"), .005);
        Assert.Equal(f1, Figure("best_f1"), .005);
        Assert.Equal(threshold, Figure("best_threshold"), .01);
        Assert.Equal(opis, Figure("opis"), .001);
        Assert.True(Figure("f1") <= Figure("best_f1"));
        Assert.InRange(Figure("f1"), json.RootElement.GetProperty("f1_interval")[0].GetDouble(), json.RootElement.GetProperty("f1_interval")[1].GetDouble());
    }

    private void WriteModel(string backbone)
    {
        var (model, bytes) = ModelFile.Read(backbone);
        var input = new InputSpec(224, 224, ResizeRule.Squash, [.485f, .456f, .406f], [.229f, .224f, .225f]);
        ModelFile.WriteMetadata(model, new BackboneSpec(input, "input", "features", 1280, "a test").ToMetadata());
        ModelFolder.Write(_folder, model.ToByteArray(), HeadBuilder.Identity(1280), """{"threshold":0.8}""", "<html></html>");
    }

    private static string SharedOrSkip(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", name);
            if (File.Exists(path))
            {
                return path;
            }
        }

        Assert.Skip($"shared/{name} is not beside this checkout");
        return "";
    }
}
