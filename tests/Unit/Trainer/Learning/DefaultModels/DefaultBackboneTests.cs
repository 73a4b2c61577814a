using CpfPipeline.Learning.DefaultModels;
using CpfPipeline.Learning.Graphs;
using CpfPipeline.Tests.Unit.Contracts.Vision.Samples;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;
using CpfPipeline.Vision.Sessions;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.DefaultModels;

public sealed class DefaultBackboneTests
{
    private const int Side = 224;

    private static readonly byte[] Source = File.ReadAllBytes(Path.Combine(DefaultModel.Folder, DefaultBackbone.SourceName));

    // The package's own network is the oracle: BGR, 0 to 255, minus the mean, one picture.
    [Fact]
    public void Write_ThePackagesNetwork_GivesItsStagesForRgb()
    {
        var picture = TestPictures.Jpeg();
        var decoder = new ImageDecoder(new ImageLimits(), TimeProvider.System);
        var plain = new InputSpec(Side, Side, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]);
        var rgb = new float[plain.RowLength];
        Assert.True(decoder.Decode(picture, plain, rgb).IsOk);
        float[] mean = [123.2f, 115.9f, 103.1f];
        var bgr = rgb.Select((_, i) =>
        {
            var (channel, place) = (2 - (i / (Side * Side)), i % (Side * Side));
            return (rgb[(channel * Side * Side) + place] * 255) - mean[channel];
        }).ToArray();
        var expected = DefaultBackbone.Parts.Stages
            .SelectMany(s => s.Grids.SelectMany(n => Unit(Pooled(Stage(bgr, s.Name), s.Channels, n))))
            .Concat(Unit(Colours(rgb, DefaultBackbone.Parts.ColourGrid))).ToArray();

        var file = BackboneFile.Load(DefaultBackbone.Write(Source, Side, DefaultBackbone.Parts), "made");
        using var session = new BackboneSession(file, new SessionSettings { Provider = ExecutionProviderRequest.Cpu });
        var batch = new PixelBatch(file.Spec.Input, 3);
        for (var row = 0; row < 3; row++)
        {
            Assert.True(decoder.Decode(picture, file.Spec.Input, batch.Row(row)).IsOk);
        }

        var (features, reasons) = (new Half[3 * file.Spec.FeatureDim], new string?[3]);
        session.Run(batch, 3, features, reasons);

        Assert.Equal(expected.Length, file.Spec.FeatureDim);
        Assert.All(Enumerable.Range(0, features.Length), i => Assert.Equal(expected[i % expected.Length], (float)features[i], 2e-3));
    }

    [Fact]
    public void Write_AnotherNetwork_SaysWhatIsMissing()
    {
        var error = Assert.Throws<ModelFileException>(() => DefaultBackbone.Write(ResNetBackbone.Write(new ResNetSpec(), 1)));

        Assert.Contains("not the network", error.Message, StringComparison.Ordinal);
    }

    private static float[] Stage(float[] pixels, string name)
    {
        var model = ModelProto.Parser.ParseFrom(Source);
        model.Graph.Output.Add(new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float } },
        });
        using var session = new InferenceSession(model.ToByteArray());
        using var input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, pixels.AsMemory(), [1, 3, Side, Side]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, [model.Graph.Node[0].Input[0]], [input], [name]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static double[] Pooled(float[] stage, int channels, int grid) =>
        [.. stage.Chunk(stage.Length / channels).SelectMany(map => Cells(map, grid, v => Math.Pow(v, 3)).Select(Math.Cbrt))];

    // In the usual scale of the input, away from white.
    private static double[] Colours(float[] rgb, int grid)
    {
        double[] std = [.229, .224, .225];
        return [.. rgb.Chunk(Side * Side).SelectMany((map, channel) => Cells(map, grid, v => (1 - v) / std[channel]))];
    }

    // Row after row.
    private static IEnumerable<double> Cells(float[] map, int grid, Func<double, double> value)
    {
        var side = (int)Math.Sqrt(map.Length);
        var cell = side / grid;
        return Enumerable.Range(0, grid * grid).Select(c => Enumerable.Range(0, cell * cell)
            .Average(p => value(map[((((c / grid) * cell) + (p / cell)) * side) + ((c % grid) * cell) + (p % cell)])));
    }

    private static IEnumerable<double> Unit(double[] values)
    {
        var length = Math.Sqrt(values.Sum(v => v * v));
        return values.Select(v => v / length);
    }
}
