using CpfPipeline.Vision.Onnx;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd.Nodes;

/// <summary>The constants of a file: its initialisers and its Constant nodes.</summary>
internal sealed class GraphConstants
{
    private readonly Dictionary<string, TensorProto> _tensors = new(StringComparer.Ordinal);

    public GraphConstants(GraphProto graph)
    {
        foreach (var initialiser in graph.Initializer)
        {
            _tensors[initialiser.Name] = initialiser;
        }

        foreach (var node in graph.Node.Where(IsConstant))
        {
            _tensors[node.Output[0]] = Value(node);
        }

        Floats = _tensors.Where(t => TensorCodec.IsFloat(t.Value)).ToDictionary(StringComparer.Ordinal);
    }

    /// <summary>Those of a floating point type, by the name that nodes read.</summary>
    public IReadOnlyDictionary<string, TensorProto> Floats { get; }

    /// <summary>A Constant node in a form that the trainer reads; others are left to fail as nodes.</summary>
    public static bool IsConstant(NodeProto node) =>
        node is { OpType: "Constant", Domain: "" or "ai.onnx", Attribute.Count: 1 }
        && node.Attribute[0].Name is "value" or "value_float" or "value_floats" or "value_int" or "value_ints";

    public bool Contains(string name) => _tensors.ContainsKey(name);

    public Tensor Decode(string name, GraphTarget target) => TensorCodec.Decode(_tensors[name], target.File, target.FloatType, target.Device);

    /// <summary>Writes values into the file, unless it says the same already: untouched constants keep their bytes.</summary>
    public void Write(string name, Tensor values, GraphTarget target)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        if (!Decode(name, target).eq(values).all().item<bool>())
        {
            TensorCodec.Encode(values, _tensors[name]);
        }
    }

    private static TensorProto Value(NodeProto node)
    {
        var attribute = node.Attribute[0];
        var name = node.Output[0];
        return attribute.Name switch
        {
            // Weights may live here, so it is the file's own tensor.
            "value" => attribute.T,
            "value_float" => new TensorProto { Name = name, DataType = (int)TensorProto.Types.DataType.Float, FloatData = { attribute.F } },
            "value_floats" => new TensorProto
            {
                Name = name, DataType = (int)TensorProto.Types.DataType.Float, Dims = { attribute.Floats.Count }, FloatData = { attribute.Floats },
            },
            "value_int" => new TensorProto { Name = name, DataType = (int)TensorProto.Types.DataType.Int64, Int64Data = { attribute.I } },
            _ => new TensorProto
            {
                Name = name, DataType = (int)TensorProto.Types.DataType.Int64, Dims = { attribute.Ints.Count }, Int64Data = { attribute.Ints },
            },
        };
    }
}
