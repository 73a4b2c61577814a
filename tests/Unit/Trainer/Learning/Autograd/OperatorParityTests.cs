using Google.Protobuf;
using Xunit;

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
}
