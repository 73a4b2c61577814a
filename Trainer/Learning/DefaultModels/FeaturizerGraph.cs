using System.Runtime.InteropServices;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;

namespace CpfPipeline.Learning.DefaultModels;

/// <summary>
/// Reads a convolutional network whose normalisations are constant, and gives each convolution with the normalisation behind it as one
/// convolution with a bias.
/// </summary>
internal sealed class FeaturizerGraph
{
    private readonly string _name;
    private readonly Dictionary<string, TensorProto> _weights;
    private readonly Dictionary<string, NodeProto> _normalisations;

    /// <exception cref="ModelFileException">It is not ONNX.</exception>
    public FeaturizerGraph(ReadOnlySpan<byte> bytes, string name)
    {
        _name = name;
        var graph = ModelFile.Parse(bytes, name).Graph;
        Nodes = graph.Node;
        _weights = graph.Initializer.ToDictionary(w => w.Name, StringComparer.Ordinal);
        _normalisations = graph.Node.Where(n => n.OpType == "BatchNormalization").ToDictionary(n => n.Input[0], StringComparer.Ordinal);
    }

    /// <summary>In the order of computation.</summary>
    public IReadOnlyList<NodeProto> Nodes { get; }

    /// <summary>The normalisation that takes a convolution's output.</summary>
    /// <exception cref="ModelFileException">There is none.</exception>
    public NodeProto NormalisationOf(NodeProto convolution) => _normalisations.GetValueOrDefault(convolution.Output[0])
        ?? throw Unexpected($"nothing normalises {convolution.Output[0]}");

    /// <summary>
    /// Weights <c>[O,I,K,K]</c> and bias <c>[O]</c> of a convolution that does what it and its normalisation do together.
    /// </summary>
    /// <remarks>
    /// y = scale (Wx - mean) / sqrt(variance + eps) + shift is a convolution with W' = W scale / sqrt(variance + eps) and the bias
    /// shift - mean scale / sqrt(variance + eps).
    /// </remarks>
    public (float[] Weights, int[] Dims, float[] Bias) Fold(NodeProto convolution)
    {
        var norm = NormalisationOf(convolution);
        var weights = Values(convolution.Input[1]);
        var dims = _weights[convolution.Input[1]].Dims.Select(d => (int)d).ToArray();
        var (scale, shift, mean, variance) = (Values(norm.Input[1]), Values(norm.Input[2]), Values(norm.Input[3]), Values(norm.Input[4]));
        var epsilon = norm.Attribute.FirstOrDefault(a => a.Name == "epsilon")?.F ?? 1e-5f;
        var bias = new float[dims[0]];
        var length = weights.Length / dims[0];
        for (var o = 0; o < dims[0]; o++)
        {
            var factor = scale[o] / Math.Sqrt((double)variance[o] + epsilon);
            bias[o] = (float)(shift[o] - (mean[o] * factor));
            foreach (ref var weight in weights.AsSpan(o * length, length))
            {
                weight = (float)(weight * factor);
            }
        }

        return (weights, dims, bias);
    }

    public static long[] Integers(NodeProto node, string attribute) =>
        [.. node.Attribute.Single(a => a.Name == attribute).Ints];

    public ModelFileException Unexpected(string what) => new($"{_name} is not the network that the default backbone is made of: {what}");

    private float[] Values(string weight)
    {
        if (!_weights.TryGetValue(weight, out var tensor) || tensor.DataType != (int)TensorProto.Types.DataType.Float)
        {
            throw Unexpected($"{weight} is no constant of float32");
        }

        return tensor.HasRawData ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray() : [.. tensor.FloatData];
    }
}
