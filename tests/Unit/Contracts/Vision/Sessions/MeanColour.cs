using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;
using Google.Protobuf;
using DataType = CpfPipeline.Vision.Onnx.TensorProto.Types.DataType;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Sessions;

/// <summary>A backbone whose feature is the mean colour, in any element type.</summary>
internal static class MeanColour
{
    public static byte[] Write(DataType input, DataType output)
    {
        var graph = new GraphProto { Name = "mean" };
        graph.Input.Add(Value("pixels", input, 3, 4, 4));
        graph.Output.Add(Value("feature", output, 3, 1, 1));
        graph.Node.Add(new NodeProto { OpType = "GlobalAveragePool", Input = { "pixels" }, Output = { "mean" } });
        graph.Node.Add(new NodeProto
        {
            OpType = "Cast", Input = { "mean" }, Output = { "feature" },
            Attribute = { new AttributeProto { Name = "to", I = (long)output, Type = AttributeProto.Types.AttributeType.Int } },
        });
        var model = new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } } };
        var size = new InputSpec(4, 4, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]);
        var spec = new BackboneSpec(size, "pixels", "feature", 3, "made for a test");
        ModelFile.WriteMetadata(model, spec.ToMetadata());
        return model.ToByteArray();
    }

    private static ValueInfoProto Value(string name, DataType type, params long[] dims)
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "N" } } };
        shape.Dim.AddRange(dims.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        return new ValueInfoProto
        {
            Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }
}
