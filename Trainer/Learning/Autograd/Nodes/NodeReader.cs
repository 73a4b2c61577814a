using System.Text;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd.Nodes;

/// <summary>
/// What an operator reads of its node while the graph is compiled. Attributes that no operator reads are errors: ignoring one would compute
/// something else than the file says.
/// </summary>
internal sealed class NodeReader(NodeProto node, GraphTarget target, IReadOnlyDictionary<string, Operand> values)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public long Opset => target.Opset;

    /// <summary>The floating point type all is computed in.</summary>
    public ScalarType FloatType => target.FloatType;

    public Device Device => target.Device;

    public int InputCount => node.Input.Count;

    public int OutputCount => node.Output.Count;

    public Operand Input(int index) => Optional(index) ?? throw Error($"lacks its input {index}");

    public Operand? Optional(int index) => index < node.Input.Count && node.Input[index].Length > 0 ? values[node.Input[index]] : null;

    public Operand[] Inputs() => [.. Enumerable.Range(0, InputCount).Select(Input)];

    public long Integer(string name, long otherwise) =>
        Find(name, AttributeProto.Types.AttributeType.Int)?.I ?? otherwise;

    public long? Integer(string name) => Find(name, AttributeProto.Types.AttributeType.Int)?.I;

    public bool Flag(string name, bool otherwise) => Integer(name, otherwise ? 1 : 0) switch
    {
        0 => false,
        1 => true,
        var other => throw Error($"has attribute {name} = {other}, not 0 or 1"),
    };

    public float Number(string name, float otherwise) =>
        Find(name, AttributeProto.Types.AttributeType.Float)?.F ?? otherwise;

    public string Text(string name, string otherwise) =>
        Find(name, AttributeProto.Types.AttributeType.String)?.S.ToString(Encoding.UTF8) ?? otherwise;

    public long[]? Integers(string name) => Find(name, AttributeProto.Types.AttributeType.Ints)?.Ints.ToArray();

    /// <summary>A tensor attribute, which the module owns.</summary>
    public Tensor? Constant(string name) =>
        Find(name, AttributeProto.Types.AttributeType.Tensor)?.T is { } proto
            ? target.Own(TensorCodec.Decode(proto, target.File, FloatType, Device))
            : null;

    /// <summary>Keeps a tensor for as long as the module lives.</summary>
    public Tensor Own(Tensor tensor) => target.Own(tensor);

    /// <summary>An attribute up to an opset, an input from it on; null where neither is given.</summary>
    public Func<Frame, long[]>? IntegersOf(string attribute, int input, long inputSince)
    {
        if (Opset >= inputSince)
        {
            return Optional(input)?.Integers();
        }

        var values = Integers(attribute);
        return values is null ? null : _ => values;
    }

    /// <summary>An attribute whose only value the trainer takes is given.</summary>
    public void Only(string name, long value)
    {
        if (Integer(name, value) is var given && given != value)
        {
            throw Error($"has attribute {name} = {given}, which the trainer does not support");
        }
    }

    public ModelFileException Error(string what) => new($"{Label(node, Opset, target.File)} {what}");

    /// <param name="unsupportedOutputs">Outputs that the graph uses and the operator does not make.</param>
    /// <exception cref="ModelFileException">There are such outputs, or attributes that were not read.</exception>
    public void Finish(IReadOnlyList<string> unsupportedOutputs)
    {
        if (node.Attribute.FirstOrDefault(a => !_read.Contains(a.Name)) is { } unknown)
        {
            throw Error($"has the attribute {unknown.Name}, which the trainer does not support");
        }

        if (unsupportedOutputs.Count > 0)
        {
            throw Error($"has the output {unsupportedOutputs[0]}, which the trainer does not support");
        }
    }

    /// <summary>How messages call a node.</summary>
    public static string Label(NodeProto node, long opset, string file) =>
        $"{file}: node \"{(node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault(""))}\" (operator {Domain(node)}.{node.OpType}, "
            + $"opset {opset})";

    private static string Domain(NodeProto node) => node.Domain.Length > 0 ? node.Domain : "ai.onnx";

    private AttributeProto? Find(string name, AttributeProto.Types.AttributeType type)
    {
        _read.Add(name);
        var attribute = node.Attribute.FirstOrDefault(a => a.Name == name);
        return attribute is null || attribute.Type == type
            ? attribute
            : throw Error($"has attribute {name} as {attribute.Type}, not {type}");
    }
}
