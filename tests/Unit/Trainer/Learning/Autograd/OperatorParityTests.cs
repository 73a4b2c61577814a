using Google.Protobuf;
using Xunit;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Autograd;

public sealed class OperatorParityTests
{
    public static TheoryData<string, int> Cases()
    {
        var data = new TheoryData<string, int>();
        foreach (var (name, opset) in OperatorCases.Rows())
        {
            data.Add(name, opset);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_OneOperator_AgreesWithOnnxRuntime(string name, int opset)
    {
        var graph = new TestGraph(opset);
        OperatorCases.All[name].Build(graph);
        var input = graph.RandomInput();
        using var module = graph.Load();

        var expected = TestGraph.Reference(graph.Model.ToByteArray(), input, graph.Dims);

        TestGraph.AssertClose(expected, TestGraph.Values(module, input, graph.Dims), 1e-5);
    }

    public static TheoryData<string> Names() => [.. OperatorCases.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Backward_OneOperator_AgreesWithFiniteDifferences(string name)
    {
        const double Step = 1e-6;
        var graph = new TestGraph(OperatorCases.Rows().Last(r => r.Name == name).Opset);
        OperatorCases.All[name].Build(graph);
        using var module = graph.Load(type: ScalarType.Float64);
        using var scope = NewDisposeScope();
        var x = tensor(graph.RandomInput(), graph.Dims).to_type(ScalarType.Float64).requires_grad_();
        var direction = tensor(graph.RandomInput(), graph.Dims).to_type(ScalarType.Float64);

        var loss = Loss(x);
        if (loss.requires_grad)
        {
            loss.backward();
        }

        using var noGradients = no_grad();
        var along = x.grad is { } gradient ? (gradient * direction).sum().item<double>() : 0;
        var expected = (Loss(x + (Step * direction)) - Loss(x - (Step * direction))).item<double>() / (2 * Step);
        Assert.Equal(expected, along, 1e-6 * Math.Max(1, Math.Abs(expected)));

        Tensor Loss(Tensor at) => module.Forward(at).sin().sum();
    }
}
