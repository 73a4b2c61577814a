using CpfPipeline.Learning.FirstModels;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Tests.Oracle;
using CpfPipeline.Tests.Unit.Contracts.Vision.Samples;
using CpfPipeline.Tests.Unit.Contracts.Vision.Sessions;
using CpfPipeline.Trainer.Decoding;
using CpfPipeline.Trainer.Offline;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;
using DataType = CpfPipeline.Vision.Onnx.TensorProto.Types.DataType;
using Google.Protobuf;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Offline;

public sealed class OfflineCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-unit-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void BackboneAdd_PlainFile_BecomesABackbone()
    {
        var (code, _, error) = Run(Add(Plain(), "feature"));

        Assert.True(code == 0, error);
        var spec = BackboneFile.Load(Out).Spec;
        Assert.Equal((64, "pixels", "feature"), (spec.Input.Width, spec.InputName, spec.FeatureName));
        Assert.Equal(ResizeRule.ShorterSide, spec.Input.Resize);
        Assert.Equal([.485f, .456f, .406f], spec.Input.Mean);
        Assert.Contains("plain.onnx", spec.Provenance);
    }

    [Theory]
    [InlineData("mobilenetv2_imagenet_features.onnx", 1280)]
    [InlineData("squeezenet11_imagenet.onnx", 512)]
    public void BackboneAdd_PretrainedFile_FindsTheFeatureDimension(string name, int dim)
    {
        var (code, _, error) = Run(Add(SharedFiles.ModelOrSkip(name), "features"));
        Assert.True(code == 0, error);
        Assert.Equal(dim, BackboneFile.Load(Out).Spec.FeatureDim);
    }

    [Fact]
    public void BackboneAdd_WrongOutput_NamesThoseThereAre()
    {
        var (code, _, error) = Run(Add(Plain(), "logits"));
        Assert.Equal(2, code);
        Assert.Contains("no output logits; it has feature", error);
        Assert.False(File.Exists(Out));
    }

    [Fact]
    public void BackboneAdd_WhatTheNetworkWasTrainedWith_IsInTheFile()
    {
        string[] more = ["--crop-percent", "87.5", "--kernel", "bicubic", "--channels", "bgr", "--divisor", "1"];

        var (code, _, error) = Run([.. Add(Plain(), "feature"), .. more]);

        Assert.True(code == 0, error);
        var input = BackboneFile.Load(Out).Spec.Input;
        Assert.Equal(
            (73, ResizeKernel.Bicubic, ChannelOrder.Bgr, 1.0), (input.Edge!.Value, input.Kernel, input.Channels, input.Divisor));
    }

    [Fact]
    public void BackboneAdd_OfABackboneFile_KeepsNothingOfItsInput()
    {
        string[] more = ["--crop-percent", "87.5", "--kernel", "bicubic", "--channels", "bgr", "--divisor", "1"];
        Assert.Equal(0, Run([.. Add(Plain(), "feature"), .. more]).Code);
        var first = Path.Combine(_folder, "first.onnx");
        File.Move(Out, first);

        var (code, _, error) = Run(Add(first, "feature"));

        Assert.True(code == 0, error);
        var input = BackboneFile.Load(Out).Spec.Input;
        Assert.Null(input.Edge);
        Assert.Equal(
            (ResizeKernel.Fast, ChannelOrder.Rgb, InputSpec.ByteRange), (input.Kernel, input.Channels, input.Divisor));
    }

    [Theory]
    [InlineData(DataType.Float16, DataType.Float16)]
    [InlineData(DataType.Float16, DataType.Float)]
    public void BackboneAdd_PixelsOfHalves_BecomesABackbone(DataType pixels, DataType feature)
    {
        var path = Path.Combine(_folder, "half.onnx");
        File.WriteAllBytes(path, MeanColour.Write(pixels, feature));

        var (code, _, error) = Run(
            ["backbone", "add", path, Out, "--size", "4", "--resize", "squash", "--mean", "0,0,0", "--std", "1,1,1",
                "--feature", "feature"]);

        Assert.True(code == 0, error);
        Assert.Equal(3, BackboneFile.Load(Out).Spec.FeatureDim);
    }

    [Theory]
    [InlineData("one of --resize-edge and --crop-percent", "--resize-edge", "80", "--crop-percent", "80")]
    [InlineData("--resize-edge is 20, less than the size", "--resize-edge", "20")]
    [InlineData("--kernel", "--kernel", "sinc")]
    [InlineData("--channels", "--channels", "grb")]
    public void BackboneAdd_InputThatCannotBe_SaysWhy(string told, params string[] more)
    {
        var (code, _, error) = Run([.. Add(Plain(), "feature"), .. more]);

        Assert.Equal(2, code);
        Assert.Contains(told, error, StringComparison.Ordinal);
        Assert.False(File.Exists(Out));
    }

    [Theory]
    [InlineData("backbone", "add", "a.onnx")]
    [InlineData("backbone", "add", "a.onnx", "b.onnx", "--size", "big")]
    [InlineData("backbone", "add", "nowhere.onnx", "b.onnx", "--colour", "red")]
    [InlineData("backbone", "remove")]
    [InlineData("nonsense")]
    public void Run_WrongUsage_Two(params string[] args) => Assert.Equal(2, Run(args).Code);

    [Fact]
    public void BackboneAdd_NoOnnx_SaysSo()
    {
        var path = Path.Combine(_folder, "x.onnx");
        File.WriteAllText(path, "hello");
        var (code, _, error) = Run(Add(path, "feature"));
        Assert.Equal(2, code);
        Assert.Contains("not an ONNX file", error);
    }

    [Fact]
    public void Copies_Folder_KeepsNames()
    {
        var (from, to) = (Path.Combine(_folder, "in", "a"), Path.Combine(_folder, "out"));
        Directory.CreateDirectory(from);
        File.WriteAllBytes(Path.Combine(from, "b.png"), TestPictures.Png());
        File.WriteAllText(Path.Combine(from, "c.jpg"), "text");

        var (code, output, error) = Run(["copies", Path.Combine(_folder, "in"), to, "--per-image", "3"]);

        Assert.Equal(1, code);
        Assert.Contains("a/c.jpg: unsupported_format", error);
        Assert.Equal("""{"pictures":2,"copies":3,"refused":1}""", output.Trim());
        Assert.All(Directory.GetFiles(Path.Combine(to, "a")), f => Assert.Matches(@"b~[a-z-]+\.jpg$", f));
        Assert.Equal(3, Directory.GetFiles(Path.Combine(to, "a")).Length);
    }

    [Fact]
    public void Write_FilterBank_SameBytes() => Assert.Equal(FilterBankBackbone.Write(), FilterBankBackbone.Write());

    [Fact]
    public void Prepare_NoBackbone_GivesTheDefaultModel()
    {
        var model = Prepare(null, _folder);

        Assert.Contains("ImageNet", model.Backbone.Spec.Provenance);
        Assert.Contains(Convert.ToHexStringLower(model.Backbone.Sha256.Span), model.ReportJson);
        Assert.Equal(model.Backbone.Spec.FeatureDim, model.Head.Spec.FeatureDim);
        Assert.InRange(model.Threshold, .2, .99);
        Assert.Contains("\"copies\"", model.ReportJson);
    }

    [Fact]
    public void Prepare_BackboneAndFewPictures_GivesAnIdentityHead()
    {
        var pictures = Path.Combine(_folder, "pictures");
        Directory.CreateDirectory(pictures);
        for (var i = 0; i < 120; i++)
        {
            File.WriteAllBytes(Path.Combine(pictures, $"{i}.png"), TestPictures.Png(40 + i, 160 - i));
        }

        var backbone = Path.Combine(_folder, "own.onnx");
        File.WriteAllBytes(backbone, FilterBankBackbone.Write());

        var model = Prepare(backbone, pictures);

        Assert.Equal(model.Head.Spec.FeatureDim, model.Head.Spec.EmbeddingDim);
        Assert.InRange(model.Threshold, -1, 1);
    }

    [Fact]
    public void BackboneFit_FurtherPicturesWithoutAHead_AreRefused()
    {
        var (code, _, error) = Run(["backbone", "fit", "b.onnx", _folder, "--images", _folder, "--also", _folder]);

        Assert.Equal(2, code);
        Assert.Contains("--also has no effect without --fit-head", error);
    }

    [Fact]
    public void BackboneFit_DimWithoutAHead_IsRefused()
    {
        var (code, _, error) = Run(["backbone", "fit", "b.onnx", _folder, "--images", _folder, "--dim", "96"]);
        Assert.Equal(2, code);
        Assert.Contains("--dim has no effect without --fit-head", error);
    }

    [Fact]
    public void Prepare_TooFewPictures_SaysHowMany()
    {
        var backbone = Path.Combine(_folder, "own.onnx");
        File.WriteAllBytes(backbone, FilterBankBackbone.Write());
        File.WriteAllBytes(Path.Combine(_folder, "one.png"), TestPictures.Png());

        var e = Assert.Throws<TooLittleDataException>(() => Prepare(backbone, _folder));
        Assert.Contains("10", e.Message);
    }

    private static FirstModelFiles Prepare(string? backbone, string folder) => FirstModel.Prepare(
        new FirstModelOrder(backbone, folder, new FirstModelOptions()), () => TrainerDecoders.Open(TimeProvider.System), null,
        TestContext.Current.CancellationToken);

    private string Out => Path.Combine(_folder, "out.onnx");

    private string Plain()
    {
        var model = ModelProto.Parser.ParseFrom(FilterBankBackbone.Write());
        model.MetadataProps.Clear();
        var path = Path.Combine(_folder, "plain.onnx");
        File.WriteAllBytes(path, model.ToByteArray());
        return path;
    }

    private string[] Add(string path, string feature)
    {
        var size = feature == "features" ? "224" : "64";
        return ["backbone", "add", path, Out, "--size", size, "--resize", "shorter-side", "--mean", "0.485,0.456,0.406",
            "--std", "0.229,0.224,0.225", "--feature", feature];
    }

    private static (int Code, string Output, string Error) Run(string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = OfflineCommand.Run(args, output, error, TimeProvider.System, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
