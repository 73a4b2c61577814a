using CpfPipeline.Learning.Autograd.Nodes;
using CpfPipeline.Learning.Autograd.Operators;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd;

/// <summary>
/// Turns the nodes that one output needs into steps. Everything that can be wrong with them is found here, before anything trains.
/// </summary>
internal sealed class GraphCompiler
{
    private readonly GraphTarget _target;
    private readonly GraphConstants _constants;
    private readonly List<(NodeProto Node, Operator Operator)> _nodes = [];
    private readonly Dictionary<string, Operand> _values = new(StringComparer.Ordinal);
    private readonly List<Tensor?> _start = [];
    private readonly HashSet<string> _read;
    private readonly string _input;

    private GraphCompiler(ModelProto model, GraphConstants constants, GraphTarget target, string input, string output)
    {
        _target = target;
        _constants = constants;
        _input = input;
        foreach (var node in Needed(model.Graph, target.File, input, output))
        {
            if (GraphConstants.IsConstant(node))
            {
                continue;
            }

            var op = OperatorTable.Find(node.Domain, node.OpType)
                ?? throw new ModelFileException(
                    $"{NodeReader.Label(node, OpsetOf(model, node.Domain), target.File)} is not supported by the trainer; supported: {OperatorTable.Names}");
            _nodes.Add((node, op));
        }

        _read = _nodes.SelectMany(n => n.Node.Input).Append(output).ToHashSet(StringComparer.Ordinal);
    }

    /// <param name="model">The file.</param>
    /// <param name="constants">Its constants.</param>
    /// <param name="target">What to compile for; owns all tensors that are made.</param>
    /// <param name="input">Name of the graph's input.</param>
    /// <param name="output">Name of the value that is wanted, an output of the graph.</param>
    /// <exception cref="ModelFileException">The trainer does not support a node that the output needs, or the graph is broken.</exception>
    public static CompiledGraph Compile(ModelProto model, GraphConstants constants, GraphTarget target, string input, string output)
    {
        using var scope = NewDisposeScope();
        return new GraphCompiler(model, constants, target, input, output).Compile(output);
    }

    /// <summary>The version of the domain ai.onnx.</summary>
    public static long Opset(ModelProto model, string file)
    {
        var opset = OpsetOf(model, "");
        return opset is >= OperatorTable.OldestOpset and <= OperatorTable.NewestOpset
            ? opset
            : throw new ModelFileException(
                $"{file} uses operator set {opset} of ai.onnx; the trainer knows {OperatorTable.OldestOpset} to {OperatorTable.NewestOpset}");
    }

    private CompiledGraph Compile(string output)
    {
        var rule = WeightRule.Apply(_nodes, _constants.Floats);
        var weights = rule.Weights.Select(name => (name, AddWeight(name))).ToList();
        var statistics = rule.Statistics.Select(name => (name, AddStatistic(name))).ToList();
        _values[_input] = new Operand(NewSlot(null), null, null);
        foreach (var name in _read.Where(_constants.Contains).Except(_values.Keys).ToList())
        {
            var value = _target.Own(_constants.Decode(name, _target));
            _values[name] = new Operand(NewSlot(value), value, value.shape);
        }

        var computations = new List<(NodeProto Node, Computation Compute)>();
        foreach (var (node, op) in _nodes)
        {
            if (CompileNode(node, op) is { } compute)
            {
                computations.Add((node, compute));
            }
        }

        return new CompiledGraph([.. _start], Steps(computations, output), _values[_input].Slot, _values[output].Slot, weights, statistics);
    }

    /// <summary>What the node does at every pass, or null where it gives a constant.</summary>
    private Computation? CompileNode(NodeProto node, Operator op)
    {
        if (node.Input.FirstOrDefault(i => i.Length > 0 && !_values.ContainsKey(i)) is { } missing)
        {
            throw new ModelFileException($"{NodeReader.Label(node, _target.Opset, _target.File)} reads {missing}, which nothing before it makes");
        }

        var reader = new NodeReader(node, _target, _values);
        var compute = op.Compile(reader);
        reader.Finish(op.HasManyOutputs ? [] : [.. node.Output.Skip(1).Where(_read.Contains)]);
        if (node.Input.Where(i => i.Length > 0).All(i => _values[i].Fixed is not null))
        {
            Fold(node, compute);
            return null;
        }

        foreach (var name in node.Output.Where(o => o.Length > 0))
        {
            _values[name] = new Operand(NewSlot(null), null, null);
        }

        return compute;
    }

    private void Fold(NodeProto node, Computation compute)
    {
        using var noGradients = no_grad();
        var results = compute(new Frame([.. _start], useBatchStatistics: false));
        for (var i = 0; i < results.Length; i++)
        {
            var value = _target.Own(results[i]);
            _values[node.Output[i]] = new Operand(NewSlot(value), value, value.shape);
        }
    }

    private List<GraphStep> Steps(List<(NodeProto Node, Computation Compute)> computations, string output)
    {
        var steps = new List<GraphStep>();
        var readLater = new HashSet<string>(StringComparer.Ordinal) { output };
        for (var i = computations.Count - 1; i >= 0; i--)
        {
            var (node, compute) = computations[i];
            var done = node.Input.Concat(node.Output).Where(n => n.Length > 0 && !readLater.Contains(n)).Distinct()
                .Where(n => n != _input && _start[_values[n].Slot] is null)
                .Select(n => _values[n].Slot)
                .ToArray();
            readLater.UnionWith(node.Input);
            steps.Insert(0, new GraphStep(compute, [.. node.Output.Select(o => o.Length > 0 ? _values[o].Slot : -1)], done));
        }

        return steps;
    }

    private Parameter AddWeight(string name)
    {
        var value = _target.Own(new Parameter(_constants.Decode(name, _target)));
        _values[name] = new Operand(NewSlot(value), null, value.shape);
        return value;
    }

    private Tensor AddStatistic(string name)
    {
        var value = _target.Own(_constants.Decode(name, _target));
        _values[name] = new Operand(NewSlot(value), null, value.shape);
        return value;
    }

    private int NewSlot(Tensor? value)
    {
        _start.Add(value);
        return _start.Count - 1;
    }

    private static long OpsetOf(ModelProto model, string domain)
    {
        var name = domain == "ai.onnx" ? "" : domain;
        return model.OpsetImport.FirstOrDefault(o => (o.Domain == "ai.onnx" ? "" : o.Domain) == name)?.Version ?? 1;
    }

    /// <summary>The nodes that an output needs, in the order of the file, which ONNX wants to be one they can run in.</summary>
    private static List<NodeProto> Needed(GraphProto graph, string file, string input, string output)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal) { output };
        var nodes = new List<NodeProto>();
        for (var i = graph.Node.Count - 1; i >= 0; i--)
        {
            if (graph.Node[i].Output.Any(o => o.Length > 0 && wanted.Contains(o)))
            {
                wanted.UnionWith(graph.Node[i].Input);
                nodes.Insert(0, graph.Node[i]);
            }
        }

        return wanted.Contains(input)
            ? nodes
            : throw new ModelFileException($"{file}: its output {output} does not depend on its input {input}");
    }
}
