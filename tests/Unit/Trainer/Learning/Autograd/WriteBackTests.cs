using CpfPipeline.Learning.Autograd;
using CpfPipeline.Learning.Graphs;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;
using Google.Protobuf;
using Xunit;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Autograd;

public sealed class WriteBackTests
{
    private static readonly ResNetSpec Small = new() { Side = 16, StemWidth = 4, Widths = [4, 8], Blocks = [1, 1] };

    // Field 1000 of the model, which no version of ONNX has, holding 5.
    private static readonly byte[] Unknown = [0xC0, 0x3E, 0x05];

    [Fact]
    public void Export_Untouched_IsTheSameFile()
    {
        byte[] bytes = [.. ResNetBackbone.Write(Small, 1), .. Unknown];
        using var module = OnnxModule.Load(BackboneFile.Load(bytes, "resnet"), "resnet", CPU, BatchNormMode.Training);
        Forward(module);

        Assert.Equal(bytes, module.Export().ToByteArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Export_AfterSteps_OnnxRuntimeGivesWhatTheModuleGives(bool movesStatistics)
    {
        byte[] bytes = [.. ResNetBackbone.Write(Small, 1), .. Unknown];
        using var module = OnnxModule.Load(
            BackboneFile.Load(bytes, "resnet"), "resnet", CPU, movesStatistics ? BatchNormMode.Training : BatchNormMode.Frozen);
        var before = Forward(module);
        Step(module, 2);
        var after = Forward(module);
        Assert.NotEqual(before, after);

        var exported = module.Export().ToByteArray();
        TestGraph.AssertClose(TestGraph.Reference(exported, Pixels(), [2, 3, 16, 16]), after, 1e-5);

        // All but values is as it was.
        var (old, now) = (ModelProto.Parser.ParseFrom(bytes), ModelProto.Parser.ParseFrom(exported));
        Assert.Equal(old.Graph.Initializer.Select(t => t.Name), now.Graph.Initializer.Select(t => t.Name));
        var moved = old.Graph.Initializer.Zip(now.Graph.Initializer).Where(p => !p.First.RawData.Equals(p.Second.RawData)).Select(p => p.First.Name).ToList();
        Assert.Contains("stem.conv.weight", moved);
        Assert.Equal(movesStatistics, moved.Contains("stem.norm.mean"));
        Assert.Equal(movesStatistics, moved.Contains("stem.norm.variance"));
        foreach (var (from, to) in old.Graph.Initializer.Zip(now.Graph.Initializer))
        {
            Assert.Equal(from.RawData.Length, to.RawData.Length);
            to.RawData = from.RawData;
        }

        Assert.Equal(bytes, now.ToByteArray());
    }

    [Fact]
    public void Export_Twice_GivesTheLatestValues()
    {
        using var module = OnnxModule.Load(BackboneFile.Load(ResNetBackbone.Write(Small, 1), "resnet"), "resnet", CPU);
        Step(module, 1);
        var first = module.Export().ToByteArray();
        Step(module, 1);

        Assert.NotEqual(first, module.Export().ToByteArray());
        TestGraph.AssertClose(TestGraph.Reference(module.Export().ToByteArray(), Pixels(), [2, 3, 16, 16]), Forward(module), 1e-5);
    }

    [Theory]
    [InlineData(TensorProto.Types.DataType.Float)]
    [InlineData(TensorProto.Types.DataType.Double)]
    [InlineData(TensorProto.Types.DataType.Float16)]
    [InlineData(TensorProto.Types.DataType.Bfloat16)]
    public void Export_WeightsInTypedFields_StayThereInTheirType(TensorProto.Types.DataType type)
    {
        var graph = new TestGraph(13);
        var weight = new TensorProto { Name = "w", DataType = (int)type, Dims = { 2, 2 } };
        switch (type)
        {
            case TensorProto.Types.DataType.Float:
                weight.FloatData.AddRange([1, 2, 3, 4]);
                break;
            case TensorProto.Types.DataType.Double:
                weight.DoubleData.AddRange([1, 2, 3, 4]);
                break;
            case TensorProto.Types.DataType.Float16:
                weight.Int32Data.AddRange([0x3C00, 0x4000, 0x4200, 0x4400]);
                break;
            default:
                weight.Int32Data.AddRange([0x3F80, 0x4000, 0x4040, 0x4080]);
                break;
        }

        graph.Model.Graph.Initializer.Add(weight);
        graph.Node("MatMul", "x w", "y");
        using var module = graph.Load();
        Assert.Equal([4f, 6f], TestGraph.Values(module, [1, 1], [1, 2]));
        Assert.Equal(weight, module.Export().Graph.Initializer[0]);

        Add(module, 1);

        var exported = module.Export().Graph.Initializer[0];
        Assert.False(exported.HasRawData);
        Assert.Equal((int)type, exported.DataType);
        using var again = OnnxModule.Load(module.Export(), "again", "x", "y", CPU);
        Assert.Equal([6f, 8f], TestGraph.Values(again, [1, 1], [1, 2]));
    }

    [Fact]
    public void Export_WeightsInConstantNodes_AreWrittenThere()
    {
        var graph = new TestGraph(13);
        graph.Node("Constant", "", "w", ("value", new TensorProto { DataType = (int)TensorProto.Types.DataType.Float, Dims = { 2, 1 }, FloatData = { 1, 2 } }))
            .Node("MatMul", "x w", "y");
        using var module = graph.Load();
        Assert.Equal("w", Assert.Single(module.Parameters).Name);

        Add(module, 1);

        Assert.Equal([2f, 3f], module.Export().Graph.Node[0].Attribute[0].T.FloatData);
        Assert.Equal([5f], TestGraph.Reference(module.Export().ToByteArray(), [1, 1], [1, 2]));
    }

    private static void Add(OnnxModule module, double value)
    {
        using var noGradients = no_grad();
        foreach (var (_, parameter) in module.Parameters)
        {
            parameter.add_(value);
        }
    }

    private static void Step(OnnxModule module, int count)
    {
        module.Train();
        using var optimiser = optim.SGD(module.Parameters.Select(p => p.Value), .1);
        for (var i = 0; i < count; i++)
        {
            using var scope = NewDisposeScope();
            optimiser.zero_grad();
            (module.Forward(tensor(Pixels(), [2, 3, 16, 16])) - 1).square().mean().backward();
            optimiser.step();
        }

        module.Evaluate();
    }

    private static float[] Forward(OnnxModule module) => TestGraph.Values(module, Pixels(), [2, 3, 16, 16]);

    private static float[] Pixels() => new TestGraph(13, seed: 5).Random(2 * 3 * 16 * 16);
}
