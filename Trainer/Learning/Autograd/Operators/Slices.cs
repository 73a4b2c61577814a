using CpfPipeline.Learning.Autograd.Nodes;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd.Operators;

/// <summary>Operators that cut, join, pick and border.</summary>
internal static class Slices
{
    public static IReadOnlyList<Operator> All { get; } =
    [
        new("Concat", Concat),
        new("Gather", Gather),
        new("Slice", Slice),
        new("Split", Split) { HasManyOutputs = true },
        new("Pad", Pad),
    ];

    private static Computation Concat(NodeReader node)
    {
        var inputs = node.Inputs();
        var axis = node.Integer("axis") ?? throw node.Error("lacks the attribute axis");
        return f => [cat(Array.ConvertAll(inputs, i => i.Of(f)), axis)];
    }

    private static Computation Gather(NodeReader node)
    {
        var (x, indices) = (node.Input(0), node.Input(1));
        var axis = node.Integer("axis", 0);
        var picks = indices.Integers();
        return f =>
        {
            using var scope = NewDisposeScope();
            var input = x.Of(f);
            var along = (int)Axes.Normal(axis, input.dim());
            var picked = input.index_select(along, Indices(picks(f), input, along));
            long[] shape = [.. input.shape[..along], .. indices.Of(f).shape, .. input.shape[(along + 1)..]];
            return [picked.reshape(shape).MoveToOuterDisposeScope()];
        };
    }

    private static Computation Slice(NodeReader node)
    {
        var x = node.Input(0);
        var starts = node.IntegersOf("starts", 1, 10) ?? throw node.Error("lacks its starts");
        var ends = node.IntegersOf("ends", 2, 10) ?? throw node.Error("lacks its ends");
        var axes = node.IntegersOf("axes", 3, 10);
        var steps = node.Opset >= 10 ? node.Optional(4)?.Integers() : null;
        return f =>
        {
            using var scope = NewDisposeScope();
            var (first, last) = (starts(f), ends(f));
            var along = axes?.Invoke(f) ?? [.. Enumerable.Range(0, first.Length).Select(a => (long)a)];
            var step = steps?.Invoke(f) ?? [.. first.Select(_ => 1L)];
            var value = x.Of(f).alias();
            for (var i = 0; i < along.Length; i++)
            {
                value = Cut(value, Axes.Normal(along[i], value.dim()), first[i], last[i], step[i]);
            }

            return [value.MoveToOuterDisposeScope()];
        };
    }

    private static Tensor Cut(Tensor x, long axis, long start, long end, long step)
    {
        var size = x.shape[axis];
        if (step > 0)
        {
            var from = Math.Clamp(Axes.Normal(start, size), 0, size);
            var to = Math.Clamp(Axes.Normal(end, size), from, size);
            return x.slice(axis, from, to, step);
        }

        // libtorch steps forwards only.
        var picks = new List<long>();
        var stop = Math.Max(Axes.Normal(end, size), -1);
        for (var i = Math.Min(Axes.Normal(start, size), size - 1); i > stop; i += step)
        {
            picks.Add(i);
        }

        return x.index_select(axis, Indices([.. picks], x, (int)axis));
    }

    private static Computation Split(NodeReader node)
    {
        var x = node.Input(0);
        var axis = node.Integer("axis", 0);
        var sizes = node.IntegersOf("split", 1, 13);
        var count = node.Opset >= 18 ? node.Integer("num_outputs", node.OutputCount) : node.OutputCount;
        return f =>
        {
            var input = x.Of(f);
            var along = Axes.Normal(axis, input.dim());
            return input.split(sizes?.Invoke(f) ?? Even(input.shape[along], count), along);
        };
    }

    private static long[] Even(long size, long count)
    {
        // The last piece is smaller where they do not come out even.
        var piece = (size + count - 1) / count;
        return [.. Enumerable.Range(0, (int)count).Select(i => Math.Max(Math.Min(piece, size - (i * piece)), 0))];
    }

    private static Computation Pad(NodeReader node)
    {
        var x = node.Input(0);
        if (node.Text("mode", "constant") is var mode && mode != "constant")
        {
            throw node.Error($"has attribute mode = \"{mode}\", which the trainer does not support");
        }

        var pads = node.IntegersOf("pads", 1, 11) ?? throw node.Error("lacks its pads");
        var axes = node.Opset >= 18 ? node.Optional(3)?.Integers() : null;
        double value = node.Opset < 11 ? node.Number("value", 0) : 0;
        if (node.Opset >= 11 && node.Optional(2) is { } given)
        {
            value = given.Scalar() ?? throw node.Error("pads with a value that the graph computes, which the trainer does not support");
        }

        return f =>
        {
            var input = x.Of(f);
            var amounts = pads(f);
            var along = axes?.Invoke(f) ?? [.. Enumerable.Range(0, (int)input.dim()).Select(a => (long)a)];

            // libtorch counts from the last axis: before, after, before, after.
            var border = new long[2 * input.dim()];
            for (var i = 0; i < along.Length; i++)
            {
                var at = 2 * (input.dim() - 1 - Axes.Normal(along[i], input.dim()));
                (border[at], border[at + 1]) = (amounts[i], amounts[i + along.Length]);
            }

            return [nn.functional.pad(input, border, TorchSharp.PaddingModes.Constant, value)];
        };
    }

    private static Tensor Indices(long[] values, Tensor of, int axis) =>
        tensor(Array.ConvertAll(values, v => Axes.Normal(v, of.shape[axis])), ScalarType.Int64, of.device);
}
