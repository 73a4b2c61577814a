using CpfPipeline.Vision.Onnx;
using Google.Protobuf;

namespace CpfPipeline.Vision.Products;

/// <summary>
/// The graph that finds candidates: products of all left rows with all right rows, compared with a threshold for each left row. Out come
/// the places that reach it and the products there, so that what leaves a device does not grow with the number of pairs.
/// </summary>
internal static class ProductGraph
{
    /// <summary>Input <c>[M,D]</c>.</summary>
    public const string Left = "left";

    /// <summary>Input <c>[N,D]</c>.</summary>
    public const string Right = "right";

    /// <summary>Input <c>[M,1]</c>: what a product of each left row must reach.</summary>
    public const string Thresholds = "thresholds";

    /// <summary>Output <c>[K,2] int64</c>: left row, right row.</summary>
    public const string Pairs = "pairs";

    /// <summary>Output <c>[K]</c>: their products.</summary>
    public const string Products = "products_of_pairs";

    private const int IrVersion = 8;
    private const int Opset = 13;

    /// <summary>The file.</summary>
    /// <param name="dimension">Values a row (D).</param>
    /// <param name="type">Of rows, thresholds and products.</param>
    public static byte[] Write(int dimension, ProductType type)
    {
        var element = type == ProductType.Float16 ? TensorProto.Types.DataType.Float16 : TensorProto.Types.DataType.Float;
        var graph = new GraphProto
        {
            Name = "candidates",
            Input = { Value(Left, element, "M", dimension), Value(Right, element, "N", dimension), Value(Thresholds, element, "M", 1) },
            Node =
            {
                new NodeProto
                {
                    OpType = "Gemm", Input = { Left, Right }, Output = { "products" },
                    Attribute = { new AttributeProto { Name = "transB", Type = AttributeProto.Types.AttributeType.Int, I = 1 } },
                },
                new NodeProto { OpType = "GreaterOrEqual", Input = { "products", Thresholds }, Output = { "reached" } },
                new NodeProto { OpType = "NonZero", Input = { "reached" }, Output = { "places" } },
                new NodeProto { OpType = "Transpose", Input = { "places" }, Output = { Pairs } },
                new NodeProto { OpType = "GatherND", Input = { "products", Pairs }, Output = { Products } },
            },
            Output =
            {
                Value(Pairs, TensorProto.Types.DataType.Int64, "K", 2), Value(Products, element, "K"),
            },
        };
        return new ModelProto
        {
            IrVersion = IrVersion, ProducerName = "CpfPipeline", Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Version = Opset } },
        }.ToByteArray();
    }

    private static ValueInfoProto Value(string name, TensorProto.Types.DataType element, string rows, int? columns = null)
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = rows } } };
        if (columns is { } count)
        {
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = count });
        }

        return new ValueInfoProto
        {
            Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)element, Shape = shape } },
        };
    }
}
