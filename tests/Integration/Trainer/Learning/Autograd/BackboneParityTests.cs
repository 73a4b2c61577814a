using CpfPipeline.Learning.Autograd;
using CpfPipeline.Learning.DefaultModels;
using CpfPipeline.Learning.Graphs;
using CpfPipeline.Tests.Oracle;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Integration.Trainer.Learning.Autograd;

/// <summary>What trains must be what serves: features of libtorch and of ONNX Runtime agree.</summary>
public sealed class BackboneParityTests
{
    private const double Tolerance = 1e-4;

    [Fact]
    public void Forward_SharedBackbones_AgreesWithOnnxRuntime()
    {
        var files = Directory.GetFiles(SharedModels.FolderOrSkip(), "*.onnx");
        Assert.NotEmpty(files);
        foreach (var path in files)
        {
            // These have no metadata of ours; all outputs are features of some kind.
            var bytes = File.ReadAllBytes(path);
            var graph = ModelProto.Parser.ParseFrom(bytes).Graph;
            foreach (var output in graph.Output)
            {
                AssertParity(bytes, Path.GetFileName(path), graph.Input[0].Name, output.Name, 224);
            }
        }
    }

    [Fact]
    public void Forward_FilterBank_AgreesWithOnnxRuntime() => AssertParity(FilterBankBackbone.Write());

    [Fact]
    public void Forward_BuiltInResNet_AgreesWithOnnxRuntime() => AssertParity(ResNetBackbone.Write(new ResNetSpec { Side = 65 }, 1));

    [Fact]
    public void Forward_DefaultBackbone_AgreesWithOnnxRuntime() =>
        AssertParity(DefaultModel.ReadBackbone(DefaultModel.Folder).Bytes.ToArray());

    [Theory]
    [InlineData("ResNet")]
    [InlineData("MobileNetV3")]
    [InlineData("EfficientNet")]
    [InlineData("SqueezeNet")]
    [InlineData("VisionTransformer")]
    public void Forward_NetOfAFamily_AgreesWithOnnxRuntimeBeforeAndAfterTraining(string family)
    {
        var bytes = family switch
        {
            "ResNet" => NetFamilies.ResNet(),
            "MobileNetV3" => NetFamilies.MobileNetV3(),
            "EfficientNet" => NetFamilies.EfficientNet(),
            "VisionTransformer" => NetFamilies.VisionTransformer(),
            _ => NetFamilies.SqueezeNet(),
        };
        AssertParity(bytes);

        AssertParity(Trained(bytes, family));
    }

    [Fact]
    public void Train_BuiltInResNet_LearnsTwoColours()
    {
        var spec = new ResNetSpec { Side = 16, StemWidth = 8, Widths = [8, 16], Blocks = [1, 1] };
        using var module = OnnxModule.Load(
            BackboneFile.Load(ResNetBackbone.Write(spec, 1), "resnet"), "resnet", CPU, BatchNormMode.Training);
        using var optimiser = optim.Adam(module.Parameters.Select(p => p.Value), 1e-2);
        torch.manual_seed(1);
        using var signs = tensor(Enumerable.Range(0, 16).Select(i => i % 2 == 0 ? 1f : -1f).ToArray());
        using var pixels = randn(16, 3, 16, 16) + signs.reshape(16, 1, 1, 1);
        using var targets = (signs + 1) / 2;
        float first = 0, last = 0;
        module.Train();
        for (var step = 0; step < 30; step++)
        {
            using var scope = NewDisposeScope();
            optimiser.zero_grad();
            var loss = nn.functional.mse_loss(module.Forward(pixels)[.., 0], targets);
            loss.backward();
            optimiser.step();
            last = loss.item<float>();
            first = step == 0 ? last : first;
        }

        Assert.True(last < first / 10, $"the loss went from {first} to {last}");

        module.Evaluate();
        AssertParity(module.Export().ToByteArray());
    }

    private static byte[] Trained(byte[] bytes, string name)
    {
        using var module = OnnxModule.Load(BackboneFile.Load(bytes, name), name, CPU, BatchNormMode.Training);
        using var optimiser = optim.Adam(module.Parameters.Select(p => p.Value), 1e-3);
        using var scope = NewDisposeScope();
        torch.manual_seed(2);
        module.Train();
        var side = BackboneFile.Load(bytes, name).Spec.Input.Height;
        module.Forward(randn(4, 3, side, side)).square().mean().backward();
        Assert.All(module.Parameters, p => Assert.True(p.Value.grad is not null, $"{p.Name} has no gradient"));
        optimiser.step();
        var exported = module.Export().ToByteArray();
        Assert.NotEqual(bytes, exported);
        return exported;
    }

    private static void AssertParity(byte[] bytes)
    {
        var spec = BackboneFile.Load(bytes, "backbone").Spec;
        AssertParity(bytes, "backbone", spec.InputName, spec.FeatureName, spec.Input.Height);
    }

    private static void AssertParity(byte[] bytes, string name, string input, string output, int side)
    {
        var model = ModelProto.Parser.ParseFrom(bytes);
        using var module = OnnxModule.Load(model, name, input, output, CPU);
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var random = new Random(7);
        var pixels = Enumerable.Range(0, 2 * 3 * side * side).Select(_ => (random.NextSingle() * 4) - 2).ToArray();
        var actual = module.Forward(tensor(pixels, [2, 3, side, side])).data<float>().ToArray();

        using var session = new InferenceSession(bytes);
        using var value = OrtValue.CreateTensorValueFromMemory(pixels, [2, 3, side, side]);
        using var run = new RunOptions();
        using var results = session.Run(run, [input], [value], [output]);
        var expected = results[0].GetTensorDataAsSpan<float>().ToArray();

        Assert.Equal(expected.Length, actual.Length);
        var difference = expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max() / expected.Max(Math.Abs);
        Assert.True(difference < Tolerance, $"{name}, output {output}: the features differ by {difference:e1} of the largest");
        Assert.Equal(model, module.Export());
    }
}
