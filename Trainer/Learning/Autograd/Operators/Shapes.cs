using CpfPipeline.Learning.Autograd.Nodes;
using CpfPipeline.Vision.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd.Operators;

/// <summary>Operators that move or name values without computing. Shapes are int64 tensors on the CPU, whatever the device.</summary>
internal static class Shapes
{
    public static IReadOnlyList<Operator> All { get; } =
    [
        // Those in forms that are read are no longer nodes here.
        new("Constant", node => throw node.Error("holds its value in a form that the trainer does not support")),
        new("Identity", Same) { IsView = true },
        new("Dropout", Dropout) { IsView = true },
        new("Flatten", Flatten) { IsView = true },
        new("Reshape", Reshape) { IsView = true },
        new("Squeeze", Squeeze) { IsView = true },
        new("Unsqueeze", Unsqueeze) { IsView = true },
        new("Transpose", Transpose) { IsView = true },
        new("Expand", Expand),
        new("Tile", Tile),
        new("Range", Range),
        new("Shape", Shape),
        new("Cast", Cast) { IsView = true },
        new("ConstantOfShape", ConstantOfShape),
    ];

    private static Computation Same(NodeReader node)
    {
        var x = node.Input(0);
        return f => [x.Of(f).alias()];
    }

    /// <summary>Nothing is dropped: the trainer augments pictures instead, and features stay comparable with those of inference.</summary>
    private static Computation Dropout(NodeReader node)
    {
        _ = node.Number("ratio", .5f);
        _ = node.Integer("seed", 0);
        return Same(node);
    }

    private static Computation Flatten(NodeReader node)
    {
        var x = node.Input(0);
        var axis = node.Integer("axis", 1);
        return f =>
        {
            var input = x.Of(f);
            var first = (int)Axes.Normal(axis, input.dim());
            return [input.reshape(Product(input.shape[..first]), Product(input.shape[first..]))];
        };
    }

    private static Computation Reshape(NodeReader node)
    {
        var x = node.Input(0);
        var target = node.Input(1).Integers();
        var keepsZero = node.Opset >= 14 && node.Flag("allowzero", false);
        return f =>
        {
            var input = x.Of(f);
            var shape = target(f);
            if (!keepsZero && shape.Contains(0))
            {
                shape = [.. shape.Select((d, i) => d == 0 ? input.shape[i] : d)];
            }

            return [input.reshape(shape)];
        };
    }

    private static Computation Squeeze(NodeReader node)
    {
        var x = node.Input(0);
        var axes = node.IntegersOf("axes", 1, 13);
        return f =>
        {
            var input = x.Of(f);
            if (axes is null)
            {
                return [input.squeeze()];
            }

            var gone = Axes.Normal(axes(f), input.dim());
            return [input.reshape([.. input.shape.Where((_, i) => !gone.Contains(i))])];
        };
    }

    private static Computation Unsqueeze(NodeReader node)
    {
        var x = node.Input(0);
        var axes = node.IntegersOf("axes", 1, 13) ?? throw node.Error("lacks its axes");
        return f =>
        {
            var input = x.Of(f);
            var given = axes(f);
            var rank = input.dim() + given.Length;
            var shape = input.shape.ToList();
            foreach (var axis in Axes.Normal(given, rank).Order())
            {
                shape.Insert((int)axis, 1);
            }

            return [input.reshape([.. shape])];
        };
    }

    private static Computation Transpose(NodeReader node)
    {
        var x = node.Input(0);
        var order = node.Integers("perm");
        return f =>
        {
            var input = x.Of(f);
            return [input.permute(order ?? [.. Enumerable.Range(0, (int)input.dim()).Select(a => (long)a).Reverse()])];
        };
    }

    private static Computation Expand(NodeReader node)
    {
        var x = node.Input(0);
        var target = node.Input(1).Integers();
        return f =>
        {
            // A 1 in the target keeps what is there, so both sides broadcast.
            var input = x.Of(f);
            var wanted = target(f);
            var rank = Math.Max(wanted.Length, (int)input.dim());
            var shape = new long[rank];
            for (var i = 1; i <= rank; i++)
            {
                var (have, want) = (i <= input.dim() ? input.shape[^i] : 1, i <= wanted.Length ? wanted[^i] : 1);
                shape[^i] = want == 1 ? have : want;
            }

            return [input.expand(shape)];
        };
    }

    private static Computation Tile(NodeReader node)
    {
        var x = node.Input(0);
        var repeats = node.Input(1).Integers();
        return f => [x.Of(f).repeat(repeats(f))];
    }

    private static Computation Range(NodeReader node)
    {
        var (start, limit, step) = (node.Input(0), node.Input(1), node.Input(2));
        return f =>
        {
            using var scope = NewDisposeScope();
            var (from, to, by) = (start.Of(f), limit.Of(f), step.Of(f));
            var range = from.is_integral()
                ? arange(from.ToInt64(), to.ToInt64(), by.ToInt64(), from.dtype)
                : arange(from.ToDouble(), to.ToDouble(), by.ToDouble(), from.dtype, from.device);
            return [range.MoveToOuterDisposeScope()];
        };
    }

    private static Computation Shape(NodeReader node)
    {
        var x = node.Input(0);
        var (start, end) = node.Opset >= 15 ? (node.Integer("start", 0), node.Integer("end", long.MaxValue)) : (0, long.MaxValue);
        return f =>
        {
            var shape = x.Of(f).shape;
            var first = Math.Clamp(Axes.Normal(start, shape.Length), 0, shape.Length);
            var last = Math.Clamp(Axes.Normal(end, shape.Length), first, shape.Length);
            return [tensor(shape[(int)first..(int)last], ScalarType.Int64)];
        };
    }

    /// <summary>Every width of floating point is the module's, every width of integers int64.</summary>
    private static Computation Cast(NodeReader node)
    {
        var x = node.Input(0);
        var to = (TensorProto.Types.DataType)node.Integer("to", 0);
        if (node.Opset >= 19)
        {
            node.Only("saturate", 1);
        }

        return to switch
        {
            TensorProto.Types.DataType.Float or TensorProto.Types.DataType.Double or TensorProto.Types.DataType.Float16
                or TensorProto.Types.DataType.Bfloat16 => f => [Converted(x.Of(f), node.FloatType, node.Device)],
            TensorProto.Types.DataType.Int64 or TensorProto.Types.DataType.Int32 => f => [Converted(x.Of(f), ScalarType.Int64, CPU)],
            TensorProto.Types.DataType.Bool => f => [Converted(x.Of(f), ScalarType.Bool, x.Of(f).device)],
            _ => throw node.Error($"casts to {to}, which the trainer does not support"),
        };
    }

    private static Tensor Converted(Tensor value, ScalarType type, Device device)
    {
        var converted = value.to(type, device);
        return ReferenceEquals(converted, value) ? value.alias() : converted;
    }

    private static Computation ConstantOfShape(NodeReader node)
    {
        var shape = node.Input(0).Integers();
        var value = node.Constant("value") ?? node.Own(zeros([1], node.FloatType, node.Device));
        return f => [value.reshape(1).expand(shape(f))];
    }

    private static long Product(IEnumerable<long> dims) => dims.Aggregate(1L, (a, b) => a * b);
}
