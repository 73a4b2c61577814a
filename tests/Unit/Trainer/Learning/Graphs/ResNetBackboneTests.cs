using CpfPipeline.Learning.Graphs;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Graphs;

public sealed class ResNetBackboneTests
{
    private static readonly ResNetSpec Small = new() { Side = 24, StemWidth = 4, Widths = [4, 6], Blocks = [2, 1] };

    [Fact]
    public void Write_SameSeed_SameBytes()
    {
        Assert.Equal(ResNetBackbone.Write(Small, 3), ResNetBackbone.Write(Small, 3));
        Assert.NotEqual(ResNetBackbone.Write(Small, 3), ResNetBackbone.Write(Small, 4));
    }

    [Fact]
    public void Write_Default_IsABackboneUnder12Megabytes()
    {
        var bytes = ResNetBackbone.Write(new ResNetSpec(), 1);
        var file = BackboneFile.Load(bytes, "resnet");
        Assert.InRange(bytes.Length, 10_000_000, 12_000_000);
        Assert.Equal((64, 64, 256), (file.Spec.Input.Height, file.Spec.Input.Width, file.Spec.FeatureDim));
        Assert.Contains("seed 1", file.Spec.Provenance);
    }

    [Fact]
    public void Write_Small_NamesItsWeights()
    {
        var names = ModelProto.Parser.ParseFrom(ResNetBackbone.Write(Small, 1)).Graph.Initializer.Select(t => t.Name).ToList();
        Assert.Equal(names.Distinct(), names);
        Assert.Equal(["stem.conv.weight", "stem.norm.scale", "stem.norm.bias", "stem.norm.mean", "stem.norm.variance", "stage1.block1.a.conv.weight"], names[..6]);
        Assert.Contains("stage2.block1.shortcut.conv.weight", names);
        Assert.DoesNotContain("stage1.block2.shortcut.conv.weight", names);
    }

    [Fact]
    public void Write_FirstConvolution_HasHesDeviation()
    {
        var weights = ModelProto.Parser.ParseFrom(ResNetBackbone.Write(new ResNetSpec(), 1)).Graph.Initializer.Single(t => t.Name == "stage4.block2.a.conv.weight");
        var values = new float[weights.RawData.Length / 4];
        Buffer.BlockCopy(weights.RawData.ToByteArray(), 0, values, 0, weights.RawData.Length);
        Assert.Equal(Math.Sqrt(2.0 / (256 * 9)), Math.Sqrt(values.Average(v => (double)v * v)), 1e-3);
    }

    [Fact]
    public void Write_SpecWithoutSense_IsRefused() =>
        Assert.Throws<ArgumentException>(() => ResNetBackbone.Write(Small with { Blocks = [1] }, 1));
}
