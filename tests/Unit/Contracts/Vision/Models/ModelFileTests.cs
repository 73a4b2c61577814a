using CpfPipeline.Learning.Heads;
using CpfPipeline.Tests.Oracle;
using CpfPipeline.Tests.Unit.Contracts.Vision.Samples;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;
using Google.Protobuf;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Models;

public sealed class ModelFileTests
{
    [Fact]
    public void Load_WrittenBackbone_SpecIsRead()
    {
        var spec = BackboneFile.Load(FilterBankBackbone.Write(), "bank").Spec;

        Assert.Equal((64, 64, ResizeRule.Squash), (spec.Input.Height, spec.Input.Width, spec.Input.Resize));
        Assert.Equal("feature", spec.FeatureName);
        Assert.True(spec.FeatureDim > 100);
    }

    [Theory]
    [InlineData(ModelFile.InputSizeKey, "224px")]
    [InlineData(ModelFile.ResizeKey, "stretch")]
    [InlineData(ModelFile.MeanKey, "1,2")]
    [InlineData(ModelFile.StdKey, "1,0,1")]
    [InlineData(ModelFile.ChannelsKey, "grb")]
    [InlineData(ModelFile.KernelKey, "sinc")]
    [InlineData(ModelFile.DivisorKey, "0")]
    [InlineData(ModelFile.ResizeEdgeKey, "x")]
    [InlineData(ModelFile.FeatureDimKey, "-3")]
    public void Load_MalformedValue_NamesTheKey(string key, string value)
    {
        var model = ModelProto.Parser.ParseFrom(FilterBankBackbone.Write());
        ModelFile.WriteMetadata(model, [new(key, value)]);

        var e = Assert.Throws<ModelFileException>(() => BackboneFile.Load(model.ToByteArray(), "bad.onnx"));

        Assert.Contains(key, e.Message);
        Assert.Contains(value, e.Message);
    }

    [Fact]
    public void Load_WithoutMetadata_NamesAllThatIsMissing()
    {
        var model = ModelProto.Parser.ParseFrom(FilterBankBackbone.Write());
        model.MetadataProps.Clear();

        var e = Assert.Throws<ModelFileException>(() => BackboneFile.Load(model.ToByteArray(), "plain.onnx"));

        Assert.Contains("cpf.kind", e.Message);
        Assert.Contains("cpf.input_size", e.Message);
        Assert.Contains("cpf.provenance", e.Message);
        Assert.Contains("infra/cpf backbone add", e.Message);
    }

    [Fact]
    public void Load_FeatureDimNotTheGraphs_Throws()
    {
        var model = ModelProto.Parser.ParseFrom(HeadBuilder.Identity(8));
        ModelFile.WriteMetadata(model, [new(ModelFile.FeatureDimKey, "9")]);
        Assert.Throws<ModelFileException>(() => HeadFile.Load(model.ToByteArray(), "head.onnx"));
    }

    [Fact]
    public void Load_NoOnnx_SaysSo()
    {
        var e = Assert.Throws<ModelFileException>(() => BackboneFile.Load("hello, not a model"u8.ToArray(), "x.onnx"));
        Assert.Contains("not an ONNX file", e.Message);
    }

    [Theory]
    [InlineData("mobilenetv2_imagenet_features.onnx")]
    [InlineData("squeezenet11_imagenet.onnx")]
    public void Parse_ForeignFile_RoundTripLosesNothing(string name)
    {
        var bytes = File.ReadAllBytes(SharedFiles.ModelOrSkip(name));

        var again = ModelFile.Parse(ModelFile.Parse(bytes, name).ToByteArray(), name);

        Assert.Equal(ModelProto.Parser.ParseFrom(bytes), again);
        Assert.Equal(bytes.Length, again.CalculateSize());
    }

    [Fact]
    public void Parse_UnknownFields_AreKept()
    {
        // Field 25 (configuration) is one this subset does not name.
        byte[] unknown = [0xCA, 0x01, 0x03, 1, 2, 3];
        byte[] bytes = [.. HeadBuilder.Identity(4), .. unknown];

        var again = ModelFile.Parse(bytes, "x").ToByteArray();

        Assert.Equal(bytes.Length, again.Length);
        Assert.True(again.AsSpan().EndsWith(unknown));
    }
}
