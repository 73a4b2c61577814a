using CpfPipeline.Learning.Autograd.Operators;
using CpfPipeline.Vision.Onnx;

namespace CpfPipeline.Learning.Autograd;

/// <summary>
/// Which constants of a file learn. ONNX does not say, so the operators that use them do:
/// <list type="bullet">
/// <item>the weights and biases of Conv, Gemm, MatMul, PRelu and the scale and bias of normalisations are weights;</item>
/// <item>a constant of more than one element in an Add or Mul is one when what it meets depends on a weight already (the bias of a
/// MatMul, a layer scale, a position embedding); before the first weight it is the normalisation of pixels;</item>
/// <item>Identity, Reshape, Transpose and their like between constant and user change nothing;</item>
/// <item>all else is not: single numbers, divisors, limits of Clip, exponents, integers, and the running statistics of
/// BatchNormalization, which batches move and gradients do not.</item>
/// </list>
/// </summary>
internal sealed class WeightRule
{
    private readonly Dictionary<string, string> _origin = new(StringComparer.Ordinal);
    private readonly HashSet<string> _learnt = new(StringComparer.Ordinal);
    private readonly List<string> _weights = [];
    private readonly List<string> _statistics = [];

    private WeightRule()
    {
    }

    /// <summary>Names of the weights, in the order of their first use.</summary>
    public IReadOnlyList<string> Weights => _weights;

    /// <summary>Names of the running statistics, in the order of their first use.</summary>
    public IReadOnlyList<string> Statistics => _statistics;

    /// <param name="nodes">In the order they run, each with its operator.</param>
    /// <param name="constants">Floating point constants of the file, by name.</param>
    public static WeightRule Apply(IEnumerable<(NodeProto Node, Operator Operator)> nodes, IReadOnlyDictionary<string, TensorProto> constants)
    {
        var rule = new WeightRule();
        foreach (var name in constants.Keys)
        {
            rule._origin[name] = name;
        }

        foreach (var (node, op) in nodes)
        {
            rule.Visit(node, op, constants);
        }

        rule._weights.RemoveAll(rule._statistics.Contains);
        return rule;
    }

    private void Visit(NodeProto node, Operator op, IReadOnlyDictionary<string, TensorProto> constants)
    {
        var origins = node.Input.Select(i => _origin.GetValueOrDefault(i)).ToList();
        if (op.IsView && origins.Count > 0 && origins[0] is { } origin)
        {
            _origin[node.Output[0]] = origin;
            return;
        }

        foreach (var index in op.Statistics.Where(i => i < origins.Count))
        {
            AddOnce(_statistics, origins[index]);
        }

        foreach (var index in op.Weights.Where(i => i < origins.Count))
        {
            AddOnce(_weights, origins[index]);
        }

        if (op.IsAffine && node.Input.Any(_learnt.Contains))
        {
            foreach (var name in origins.Where(o => o is not null && constants[o].Dims.Aggregate(1L, (a, b) => a * b) > 1))
            {
                AddOnce(_weights, name);
            }
        }

        if (node.Input.Any(_learnt.Contains) || origins.Any(o => o is not null && _weights.Contains(o)))
        {
            _learnt.UnionWith(node.Output);
        }
    }

    private static void AddOnce(List<string> names, string? name)
    {
        if (name is not null && !names.Contains(name))
        {
            names.Add(name);
        }
    }
}
