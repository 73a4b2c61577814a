using CpfPipeline.Learning.Autograd;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;
using Xunit;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Autograd;

public sealed class OnnxModuleErrorTests
{
    [Fact]
    public void Load_UnknownOperator_NamesNodeOperatorAndOpset()
    {
        var message = Fails(17, g => g.Node("GridSample", "x x", "warp_3").Node("Relu", "warp_3", "y"));
        Assert.StartsWith(
            "test.onnx: node \"warp_3\" (operator ai.onnx.GridSample, opset 17) is not supported by the trainer; supported: Abs, Add, ",
            message);
    }

    [Fact]
    public void Load_UnknownOperatorWithoutNodeName_NamesItsOutput()
    {
        var message = Fails(13, g =>
        {
            g.Node("GridSample", "x", "y");
            g.Model.Graph.Node[0].ClearName();
        });
        Assert.StartsWith("test.onnx: node \"y\" (operator ai.onnx.GridSample, opset 13)", message);
    }

    [Fact]
    public void Load_OperatorOfAnotherDomain_NamesDomainAndItsVersion()
    {
        var message = Fails(13, g =>
        {
            g.Node("FusedConv", $"x {g.Weights("w", false, 4, 4, 1, 1)}", "y");
            g.Model.Graph.Node[0].Domain = "com.microsoft";
            g.Model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
        });
        Assert.StartsWith("test.onnx: node \"y\" (operator com.microsoft.FusedConv, opset 1) is not supported", message);
    }

    [Fact]
    public void Load_UnsupportedNodeThatTheOutputDoesNotNeed_Loads()
    {
        var graph = new TestGraph(13);
        graph.Node("Einsum", "x", "other").Node("Relu", "x", "y");
        using var module = graph.Load();
        Assert.Equal([0f, 2f], TestGraph.Values(module, [-1, 2], [1, 2]));
    }

    [Theory]
    [InlineData("Relu", "consumed_inputs", 1, "has the attribute consumed_inputs")]
    [InlineData("MaxPool", "count_include_pad", 1, "has the attribute count_include_pad")]
    [InlineData("MaxPool", "ceil_mode", 2, "has attribute ceil_mode = 2")]
    [InlineData("Concat", "axis", 1f, "has attribute axis as Float, not Int")]
    [InlineData("MaxPool", "auto_pad", "SAME", "has attribute auto_pad = \"SAME\"")]
    [InlineData("Pad", "mode", "reflect", "has attribute mode = \"reflect\"")]
    [InlineData("Cast", "to", 8, "casts to String")]
    [InlineData("Gelu", "approximate", "erf", "has attribute approximate = \"erf\"")]
    public void Load_UnsupportedAttribute_NamesNodeOperatorOpsetAndAttribute(string op, string name, object value, string expected)
    {
        var message = Fails(20, g =>
        {
            (string, object)[] kernel = op == "MaxPool" ? [("kernel_shape", new[] { 2, 2 })] : [];
            g.Node(op, "x", "y", [.. kernel, (name, value)]);
        });
        Assert.StartsWith($"test.onnx: node \"y\" (operator ai.onnx.{op}, opset 20) {expected}", message);
    }

    [Theory]
    [InlineData("training_mode", 15)]
    [InlineData("spatial", 7)]
    public void Load_BatchNormalizationOfAnotherKind_IsRefused(string attribute, int opset)
    {
        var message = Fails(opset, g => g.Node(
            "BatchNormalization",
            $"x {g.Weights("s", true, 4)} {g.Weights("b", true, 4)} {g.Weights("m", true, 4)} {g.Weights("v", true, 4)}",
            "y",
            (attribute, attribute == "spatial" ? 0 : 1)));
        Assert.Contains($"has attribute {attribute} = ", message);
    }

    [Fact]
    public void Load_SecondOutputUsed_IsRefused()
    {
        var message = Fails(
            13,
            g => g.Node("MaxPool", "x", "p places", ("kernel_shape", new[] { 2, 2 })).Node("Cast", "places", "f", ("to", 1))
                .Node("Add", "p f", "y"));
        Assert.Contains("node \"p\" (operator ai.onnx.MaxPool, opset 13) has the output places", message);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(99)]
    public void Load_OperatorSetOutsideTheKnown_SaysWhich(int opset) =>
        Assert.Equal(
            $"test.onnx uses operator set {opset} of ai.onnx; the trainer knows 7 to 22", Fails(opset, g => g.Node("Relu", "x", "y")));

    [Fact]
    public void Load_KernelThatIsNotTheWeights_IsRefused() =>
        Assert.Contains(
            "has kernel_shape [5,5]",
            Fails(13, g => g.Node("Conv", $"x {g.Weights("w", false, 4, 4, 3, 3)}", "y", ("kernel_shape", new[] { 5, 5 }))));

    [Fact]
    public void Load_ConvolutionOfOneDimension_IsRefused() =>
        Assert.Contains("two dimensions only", Fails(13, g => g.Node("Conv", $"x {g.Weights("w", false, 4, 4, 3)}", "y")));

    [Fact]
    public void Load_ValueWithoutAProducer_IsRefused() =>
        Assert.Contains("node \"y\" (operator ai.onnx.Add, opset 13) reads ghost", Fails(13, g => g.Node("Add", "x ghost", "y")));

    [Fact]
    public void Load_MissingInput_IsRefused() =>
        Assert.Contains("node \"y\" (operator ai.onnx.Add, opset 13) lacks its input 1", Fails(13, g => g.Node("Add", "x", "y")));

    [Fact]
    public void Load_OutputThatDoesNotDependOnTheInput_IsRefused() =>
        Assert.Contains("does not depend", Fails(13, g => g.Node("Relu", g.Weights("w", false, 4), "y")));

    [Fact]
    public void Load_InitialiserWithTooFewValues_IsRefused() =>
        Assert.Contains("w holds 3 values, not [4]", Fails(13, g => g.Node("Add", $"x {g.Floats("w", [1, 2, 3], 4)}", "y")));

    private static string Fails(int opset, Action<TestGraph> build)
    {
        var graph = new TestGraph(opset);
        build(graph);
        return Assert.Throws<ModelFileException>(() => OnnxModule.Load(graph.Model, "test.onnx", "x", "y", CPU)).Message;
    }
}
