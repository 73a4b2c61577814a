using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;

namespace CpfPipeline.Trainer.Hub;

/// <summary>
/// Makes one row of numbers a picture of what a network of the hub gives out, and cuts off what that does not need: the text tower of a
/// two-tower network, for example.
/// </summary>
internal static class FeatureOutput
{
    /// <summary>Name of the output that is made.</summary>
    public const string Name = "cpf_feature";

    private const string Tokens = "last_hidden_state";
    private const int SliceByInputs = 10;
    private const int ReduceByInputs = 18;

    // A class token and registers; four of those are usual.
    private const int MaxBefore = 16;

    /// <summary>Which output is used: <c>image_embeds</c>, else <c>pooler_output</c>, else the tokens, else the only one.</summary>
    /// <param name="model">The graph.</param>
    /// <param name="pooling">Given, what becomes of the tokens; they are then used.</param>
    /// <param name="name">What to call the graph in messages.</param>
    /// <exception cref="ModelFileException">None of these is there; names those that are.</exception>
    public static string Choose(ModelProto model, TokenPooling? pooling, string name)
    {
        var outputs = model.Graph.Output.Select(o => o.Name).ToList();
        string[] known = pooling is null ? ["image_embeds", "pooler_output", Tokens] : [Tokens];
        return known.FirstOrDefault(outputs.Contains)
            ?? (outputs.Count == 1 ? outputs[0] : null)
            ?? throw new ModelFileException(
                $"{name} has none of the outputs {string.Join(", ", known)}; it has {string.Join(", ", outputs)}: name one with --feature");
    }

    /// <summary>Replaces all outputs by <see cref="Name"/>, and removes what it does not need.</summary>
    /// <param name="model">Changed.</param>
    /// <param name="output">One of its outputs.</param>
    /// <param name="shape">Shape of that output, the batch first, as a run showed it.</param>
    /// <param name="input">What the graph was shown.</param>
    /// <param name="pooling">What becomes of tokens <c>[N,T,F]</c>; null: the class token.</param>
    /// <param name="name">What to call the graph in messages.</param>
    /// <exception cref="ModelFileException">There is no class token, or the output has no tokens.</exception>
    public static void Make(
        ModelProto model, string output, IReadOnlyList<long> shape, InputSpec input, TokenPooling? pooling, string name)
    {
        var made = shape.Count switch
        {
            2 => output,
            3 => Pooled(model, output, Before(input, shape[1], output, name), pooling, name),
            4 => Add(model, "Flatten", Add(model, "GlobalAveragePool", output)),
            _ => throw new ModelFileException(
                $"{name}: output {output} has the shape [{string.Join(',', shape)}], which is neither a row, nor tokens, nor a map"),
        };
        model.Graph.Node.Add(new NodeProto { OpType = "Identity", Name = Name, Input = { made }, Output = { Name } });
        var type = model.Graph.Output.First(o => o.Name == output).Clone();
        model.Graph.Output.Clear();
        type.Name = Name;
        type.Type.TensorType.Shape = new TensorShapeProto
        {
            Dim =
            {
                new TensorShapeProto.Types.Dimension { DimParam = "N" },
                new TensorShapeProto.Types.Dimension { DimValue = shape.Count == 3 ? shape[2] : shape[1] },
            },
        };
        model.Graph.Output.Add(type);
        Prune(model.Graph);
    }

    /// <summary>Removes every node, weight and input that no output needs.</summary>
    public static void Prune(GraphProto graph)
    {
        var needed = graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var kept = new List<NodeProto>();
        for (var i = graph.Node.Count - 1; i >= 0; i--)
        {
            var node = graph.Node[i];
            if (node.Output.Any(needed.Contains))
            {
                kept.Add(node);
                needed.UnionWith(InputsOf(node));
            }
        }

        kept.Reverse();
        graph.Node.Clear();
        graph.Node.AddRange(kept);
        Keep(graph.Initializer, t => needed.Contains(t.Name));
        Keep(graph.Input, i => needed.Contains(i.Name));
        Keep(graph.ValueInfo, v => needed.Contains(v.Name));
    }

    // A graph within a node sees the names around it.
    private static IEnumerable<string> InputsOf(NodeProto node) => node.Input.Concat(
        node.Attribute.SelectMany(a => a.G is { } inner ? a.Graphs.Append(inner) : a.Graphs)
            .SelectMany(g => g.Node.SelectMany(InputsOf).Concat(g.Output.Select(o => o.Name))));

    private static void Keep<T>(Google.Protobuf.Collections.RepeatedField<T> field, Func<T, bool> isKept)
    {
        var kept = field.Where(isKept).ToList();
        field.Clear();
        field.AddRange(kept);
    }

    /// <summary>
    /// How many tokens come before those of the patches, which lie on a grid over the picture: class token and registers.
    /// </summary>
    internal static int Before(InputSpec input, long tokens, string output, string name)
    {
        for (var before = 0; before <= MaxBefore; before++)
        {
            for (var patch = 1; patch <= Math.Min(input.Height, input.Width); patch++)
            {
                if ((long)(input.Height / patch) * (input.Width / patch) == tokens - before)
                {
                    return before;
                }
            }
        }

        throw new ModelFileException(
            $"{name}: the {tokens} tokens of output {output} lie on no grid over {input.SizeText} pixels; name another with --feature");
    }

    private static string Pooled(ModelProto model, string output, int before, TokenPooling? pooling, string name)
    {
        if (pooling is not TokenPooling.Mean)
        {
            return before > 0
                ? Add(model, "Gather", [output, Integers(model, null, 0)], ("axis", 1))
                : throw new ModelFileException($"{name}: output {output} has no class token; say --pool mean");
        }

        var version = model.OpsetImport.First(o => o.Domain is "" or "ai.onnx").Version;
        if (version < SliceByInputs)
        {
            throw new ModelFileException($"{name} uses operator set {version}; the mean of patches needs {SliceByInputs} or later");
        }

        var patches = Add(model, "Slice", [output, Integers(model, 1, before), Integers(model, 1, long.MaxValue), Integers(model, 1, 1)]);
        var mean = version < ReduceByInputs
            ? Add(model, "ReduceMean", [patches], ("keepdims", 0))
            : Add(model, "ReduceMean", [patches, Integers(model, 1, 1)], ("keepdims", 0));
        if (version < ReduceByInputs)
        {
            model.Graph.Node[^1].Attribute.Add(
                new AttributeProto { Name = "axes", Type = AttributeProto.Types.AttributeType.Ints, Ints = { 1 } });
        }

        return mean;
    }

    private static string Add(ModelProto model, string op, string input) => Add(model, op, [input]);

    private static string Add(ModelProto model, string op, IEnumerable<string> inputs, params (string Name, long Value)[] attributes)
    {
        var output = $"{Name}_{model.Graph.Node.Count}";
        var node = new NodeProto { OpType = op, Name = output, Input = { inputs }, Output = { output } };
        node.Attribute.AddRange(attributes.Select(
            a => new AttributeProto { Name = a.Name, Type = AttributeProto.Types.AttributeType.Int, I = a.Value }));
        model.Graph.Node.Add(node);
        return output;
    }

    private static string Integers(ModelProto model, int? length, long value)
    {
        var tensor = new TensorProto
        {
            Name = $"{Name}_c{model.Graph.Initializer.Count}",
            DataType = (int)TensorProto.Types.DataType.Int64,
            Int64Data = { value },
        };
        if (length is { } dim)
        {
            tensor.Dims.Add(dim);
        }

        model.Graph.Initializer.Add(tensor);
        return tensor.Name;
    }
}
