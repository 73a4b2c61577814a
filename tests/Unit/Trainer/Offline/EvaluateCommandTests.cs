using System.Text.Json;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Learning.ModelFolders;
using CpfPipeline.Tests.Oracle;
using CpfPipeline.Tests.Unit.Contracts.Vision.Samples;
using CpfPipeline.Trainer.Offline;
using CpfPipeline.Vision.Models;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Offline;

public sealed class EvaluateCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-unit-").FullName;

    private string Labels => Path.Combine(_folder, "labels.csv");

    private string Model => Path.Combine(_folder, "model");

    public EvaluateCommandTests()
    {
        var backbone = FilterBankBackbone.Write();
        ModelFolder.Write(
            Model, backbone, HeadBuilder.Identity(BackboneFile.Load(backbone, "a backbone").Spec.FeatureDim), """{"threshold":0.9}""",
            "<html></html>");
        (string Name, byte[] Bytes)[] pictures =
        [
            ("a1.png", TestPictures.Png()), ("a2.jpg", TestPictures.Jpeg()), ("b1.png", TestPictures.Png(40, 160)),
            ("b2.jpg", TestPictures.Jpeg(42, 160)),
            ("d.png", TestPictures.Png(200, 60)),
        ];
        foreach (var (name, bytes) in pictures)
        {
            File.WriteAllBytes(Path.Combine(_folder, name), bytes);
        }

        File.WriteAllText(Labels, "path,label,split\na1.png,a,test\na2.jpg,a,test\nb1.png,b,test\nb2.jpg,b,test\nd.png,,distractor\n");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Evaluate_Json_PrintsOneObjectWithEveryFigure()
    {
        var (code, output, error) = Run("--json");

        Assert.True(code == 0, error);
        using var json = JsonDocument.Parse(output);
        string[] names =
        [
            "images", "classes", "distractors", "threshold", "recall_at_1", "map_at_r", "precision", "recall", "f1", "best_f1",
            "best_threshold",
            "bcubed_f1", "opis", "f1_interval", "f1_plateau_width", "pairs_per_image", "largest_component", "split", "refused", "seconds",
        ];
        Assert.Equal(names, json.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal((4, 2, 1), (Number("images"), Number("classes"), Number("distractors")));
        Assert.Equal(.9, json.RootElement.GetProperty("threshold").GetDouble());
        Assert.Equal(2, json.RootElement.GetProperty("f1_interval").GetArrayLength());
        Assert.Equal("test", json.RootElement.GetProperty("split").GetString());

        int Number(string name) => json.RootElement.GetProperty(name).GetInt32();
    }

    [Fact]
    public void Evaluate_LinesInAnotherOrder_SameFigures()
    {
        var (_, before, _) = Run("--json");
        var lines = File.ReadAllLines(Labels);
        File.WriteAllLines(Labels, [lines[0], .. lines.Skip(1).Reverse()]);
        var (_, after, _) = Run("--json");
        Assert.Equal(WithoutSeconds(before), WithoutSeconds(after));
    }

    [Fact]
    public void Evaluate_NoJson_PrintsATable()
    {
        var (code, output, _) = Run();
        Assert.Equal(0, code);
        Assert.Contains("Recall@1", output);
        Assert.Contains("4 pictures of 2 classes, 1 distractors", output);
    }

    [Fact]
    public void Evaluate_BrokenPicture_IsRefusedAndTheRestIsMeasured()
    {
        File.WriteAllText(Path.Combine(_folder, "d.png"), "text");
        var (code, output, error) = Run("--json");
        Assert.Equal(1, code);
        Assert.Contains("d.png: unsupported_format", error);
        Assert.Contains("\"refused\": 1", output);
        Assert.Contains("\"distractors\": 0", output);
    }

    [Fact]
    public void Evaluate_EveryPictureBroken_TooLittleData()
    {
        foreach (var name in new[] { "a1.png", "b1.png" })
        {
            File.WriteAllText(Path.Combine(_folder, name), "text");
        }

        Assert.Equal(5, Run("--json").Code);
    }

    [Fact]
    public void Evaluate_NoModel_NamesTheFolder()
    {
        Directory.Delete(Model, recursive: true);
        var (code, output, error) = Run("--json");
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(Model, error);
    }

    [Fact]
    public void Evaluate_PictureMissing_NamesIt()
    {
        File.Delete(Path.Combine(_folder, "b2.jpg"));
        var (code, _, error) = Run("--json");
        Assert.Equal(2, code);
        Assert.Contains("b2.jpg (line 5)", error);
    }

    [Fact]
    public void Evaluate_SplitWithoutRows_TooLittleData()
    {
        var (code, _, error) = Run("--split", "train");
        Assert.Equal(5, code);
        Assert.Contains("no pictures to train on", error);
    }

    [Fact]
    public void Evaluate_UnknownSplit_Usage() => Assert.Equal(2, Run("--split", "tset").Code);

    [Fact]
    public void Evaluate_Help_PrintsUsage()
    {
        var (code, output, _) = Run("--help");
        Assert.Equal(0, code);
        Assert.Contains("infra/cpf evaluate", output);
        Assert.Contains("--images <LABELS.CSV>", output);
    }

    private static string WithoutSeconds(string json) =>
        string.Join('\n', json.Split('\n').Where(l => !l.Contains("seconds", StringComparison.Ordinal)));

    private (int Code, string Output, string Error) Run(params string[] more)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = OfflineCommand.Run(
            ["evaluate", "--images", Labels, "--model", Model, .. more], output, error, TimeProvider.System,
            TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
