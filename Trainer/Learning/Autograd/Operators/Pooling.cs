using CpfPipeline.Learning.Autograd.Nodes;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd.Operators;

/// <summary>Pools over height and width.</summary>
internal static class Pooling
{
    public static IReadOnlyList<Operator> All { get; } =
    [
        new("MaxPool", Max),
        new("AveragePool", Average),
        new("GlobalAveragePool", node => Global(node, (x, axes) => x.mean(axes, keepdim: true))),
        new("GlobalMaxPool", node => Global(node, (x, axes) => x.amax(axes, keepdim: true))),
    ];

    private static Computation Global(NodeReader node, Func<Tensor, long[], Tensor> reduce)
    {
        var x = node.Input(0);
        return f =>
        {
            var input = x.Of(f);
            long[] axes = input.dim() == 4 ? [2, 3] : [.. Enumerable.Range(2, (int)input.dim() - 2).Select(a => (long)a)];
            return [reduce(input, axes)];
        };
    }

    private static Computation Max(NodeReader node)
    {
        var x = node.Input(0);
        var window = Read(node, dilates: true);

        // It orders the second output, which the trainer does not have.
        _ = node.Flag("storage_order", false);
        var isCeiling = node.Flag("ceil_mode", false);
        var before = window.Before;
        if (window.IsSymmetric && before[0] * 2 <= window.Kernel[0] && before[1] * 2 <= window.Kernel[1])
        {
            return f => [nn.functional.max_pool2d(x.Of(f), window.Kernel, window.Strides, before, window.Dilations, isCeiling)];
        }

        return f =>
        {
            var input = x.Of(f);
            using var padded = Window.Pad(input, Exact(window, input.shape, isCeiling), double.NegativeInfinity);
            return [nn.functional.max_pool2d(padded, window.Kernel, window.Strides, [0, 0], window.Dilations, false)];
        };
    }

    private static Computation Average(NodeReader node)
    {
        var x = node.Input(0);
        var window = Read(node, dilates: false);
        if (node.Opset >= 19 && (node.Integers("dilations") ?? []).Any(d => d != 1))
        {
            throw node.Error("has attribute dilations other than 1, which the trainer does not support");
        }

        var isCeiling = node.Flag("ceil_mode", false);
        var countsPadding = node.Flag("count_include_pad", false);
        var (kernel, strides, before) = (window.Kernel, window.Strides, window.Before);
        if (window.IsSymmetric && before[0] * 2 <= kernel[0] && before[1] * 2 <= kernel[1])
        {
            return f => [nn.functional.avg_pool2d(x.Of(f), kernel, strides, before, isCeiling, countsPadding)];
        }

        return f =>
        {
            using var scope = NewDisposeScope();
            var input = x.Of(f);
            var exact = Exact(window, input.shape, isCeiling);
            var sums = nn.functional.avg_pool2d(Window.Pad(input, exact, 0), kernel, strides);

            // The share of each window that counts: what is neither padding (unless it counts) nor overhang of the ceiling.
            var inside = ones([1, 1, input.shape[2], input.shape[3]], input.dtype, input.device);
            var declared = window.Pads(input.shape[2], input.shape[3]);
            var counted = countsPadding
                ? Window.Pad(Window.Pad(inside, declared, 1), [.. exact.Zip(declared, (e, d) => e - d)], 0)
                : Window.Pad(inside, exact, 0);
            return [sums.div(nn.functional.avg_pool2d(counted, kernel, strides)).MoveToOuterDisposeScope()];
        };
    }

    private static Window Read(NodeReader node, bool dilates) =>
        Window.Read(node, node.Integers("kernel_shape") ?? throw node.Error("lacks the attribute kernel_shape"), dilates);

    /// <summary>Padding after which a pool without padding, rounding down, makes the same windows.</summary>
    private static long[] Exact(Window window, long[] shape, bool isCeiling)
    {
        var pads = window.Pads(shape[2], shape[3]).ToArray();
        for (var axis = 0; axis < 2 && isCeiling && window.IsNotSet; axis++)
        {
            var (size, stride) = (shape[2 + axis] + pads[axis], window.Strides[axis]);
            var steps = (size + pads[axis + 2] - window.Extent(axis) + stride - 1) / stride;

            // A window must begin on the picture or the padding before it.
            if (steps * stride >= size)
            {
                steps--;
            }

            pads[axis + 2] = (steps * stride) + window.Extent(axis) - size;
        }

        return pads;
    }
}
