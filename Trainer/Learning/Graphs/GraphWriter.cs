using System.Runtime.InteropServices;
using CpfPipeline.Vision.Onnx;
using Google.Protobuf;

namespace CpfPipeline.Learning.Graphs;

/// <summary>
/// Writes small ONNX graphs node by node. Names are counted, so equal calls give equal bytes. Operator set 13, which every ONNX Runtime
/// of the last years takes.
/// </summary>
internal sealed class GraphWriter(string name)
{
    private const int OperatorSet = 13;
    private const int IrVersion = 7;

    private readonly GraphProto _graph = new() { Name = name };

    /// <summary>A float32 input; a null dimension is the batch, N.</summary>
    public string Input(string input, params int?[] dims)
    {
        _graph.Input.Add(Value(input, dims));
        return input;
    }

    /// <summary>Declares a float32 output under a name of its own.</summary>
    public void Output(string from, string output, params int?[] dims)
    {
        _graph.Node.Add(new NodeProto { OpType = "Identity", Name = "output", Input = { from }, Output = { output } });
        _graph.Output.Add(Value(output, dims));
    }

    public string Constant(ReadOnlySpan<float> values, params int[] dims) => Weight($"c{_graph.Initializer.Count}", values, dims);

    /// <summary>A float32 initialiser under a name of its own, which must be new.</summary>
    public string Weight(string weight, ReadOnlySpan<float> values, params int[] dims) => Add(weight, new TensorProto
    {
        DataType = (int)TensorProto.Types.DataType.Float,
        RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)),
        Dims = { dims.Select(d => (long)d) },
    });

    public string Constant(ReadOnlySpan<long> values) => Add($"c{_graph.Initializer.Count}", new TensorProto
    {
        DataType = (int)TensorProto.Types.DataType.Int64,
        RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)),
        Dims = { values.Length },
    });

    /// <summary>A float32 without axes, as limits want it.</summary>
    public string Scalar(float value) => Constant([value]);

    /// <summary>A node with one output, whose name is returned.</summary>
    public string Node(string op, IEnumerable<string> inputs, params (string Name, object Value)[] attributes) =>
        Add(new NodeProto { OpType = op, Name = $"{op}_{_graph.Node.Count}", Output = { $"t{_graph.Node.Count}" } }, inputs, attributes);

    public string Node(string op, string input, params (string Name, object Value)[] attributes) => Node(op, [input], attributes);

    /// <summary>A node that is called as its output is, by a name of its own.</summary>
    public string Named(string output, string op, IEnumerable<string> inputs, params (string Name, object Value)[] attributes) =>
        Add(new NodeProto { OpType = op, Name = output, Output = { output } }, inputs, attributes);

    /// <summary>
    /// Another graph's nodes and weights, read from <paramref name="input"/> in place of the graph's own input. Null when it cannot stand in
    /// this file: when it is of another operator set, or has graphs within nodes, which name values of their own.
    /// </summary>
    /// <param name="model">With one input and one output; left as it is.</param>
    /// <param name="prefix">Of its names here; must be new.</param>
    /// <param name="input">A value of this graph.</param>
    /// <returns>The value that is the other graph's output.</returns>
    public string? Inline(ModelProto model, string prefix, string input)
    {
        if (!model.OpsetImport.All(o => o.Domain is "" or "ai.onnx" && o.Version == OperatorSet)
            || model.Graph.Node.Any(n => n.Attribute.Any(a => a.G is not null || a.Graphs.Count > 0)))
        {
            return null;
        }

        var weights = model.Graph.Initializer.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var from = model.Graph.Input.Select(i => i.Name).Single(name => !weights.Contains(name));
        foreach (var weight in model.Graph.Initializer)
        {
            var copy = weight.Clone();
            copy.Name = Renamed(copy.Name);
            _graph.Initializer.Add(copy);
        }

        foreach (var node in model.Graph.Node)
        {
            var copy = node.Clone();
            copy.Name = Renamed(copy.Name);
            for (var i = 0; i < copy.Input.Count; i++)
            {
                copy.Input[i] = Renamed(copy.Input[i]);
            }

            for (var i = 0; i < copy.Output.Count; i++)
            {
                copy.Output[i] = Renamed(copy.Output[i]);
            }

            _graph.Node.Add(copy);
        }

        return Renamed(model.Graph.Output.Single().Name);

        // An optional input that a node does without has no name.
        string Renamed(string name) => name == from ? input : name.Length == 0 ? name : prefix + name;
    }

    /// <summary>Scales rows to unit length along an axis: <c>x / max(|x|, eps)</c>, so zeros stay zeros.</summary>
    public string Normalise(string input, long axis)
    {
        var length = Node("ReduceL2", input, ("axes", new[] { axis }), ("keepdims", 1L));
        var safe = Node("Max", [length, Constant([1e-6f], 1)]);
        return Node("Div", [input, safe]);
    }

    /// <summary>The finished file.</summary>
    public byte[] ToBytes(IReadOnlyDictionary<string, string> metadata)
    {
        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "CpfPipeline",
            Graph = _graph,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = OperatorSet } },
        };
        Vision.Models.ModelFile.WriteMetadata(model, metadata.OrderBy(m => m.Key, StringComparer.Ordinal));
        return model.ToByteArray();
    }

    private string Add(NodeProto node, IEnumerable<string> inputs, (string Name, object Value)[] attributes)
    {
        node.Input.AddRange(inputs);
        foreach (var (key, value) in attributes)
        {
            node.Attribute.Add(Attribute(key, value));
        }

        _graph.Node.Add(node);
        return node.Output[0];
    }

    private string Add(string weight, TensorProto tensor)
    {
        tensor.Name = weight;
        _graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private static ValueInfoProto Value(string name, int?[] dims)
    {
        var shape = new TensorShapeProto();
        foreach (var dim in dims)
        {
            shape.Dim.Add(dim is { } d
                ? new TensorShapeProto.Types.Dimension { DimValue = d }
                : new TensorShapeProto.Types.Dimension { DimParam = "N" });
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape },
            },
        };
    }

    private static AttributeProto Attribute(string key, object value) => value switch
    {
        long i => new AttributeProto { Name = key, I = i, Type = AttributeProto.Types.AttributeType.Int },
        long[] ints => new AttributeProto { Name = key, Ints = { ints }, Type = AttributeProto.Types.AttributeType.Ints },
        string text =>
            new AttributeProto { Name = key, S = ByteString.CopyFromUtf8(text), Type = AttributeProto.Types.AttributeType.String },
        float f => new AttributeProto { Name = key, F = f, Type = AttributeProto.Types.AttributeType.Float },
        _ => throw new ArgumentException($"attribute {key} has an unsupported type", nameof(value)),
    };
}
