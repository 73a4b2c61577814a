using CpfPipeline.Learning.Autograd.Nodes;
using TorchSharp;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd.Operators;

/// <summary>Functions of one tensor, element by element, and Softmax.</summary>
internal static class Activations
{
    public static IReadOnlyList<Operator> All { get; } =
    [
        Unary("Relu", x => x.relu()),
        Unary("Sigmoid", x => x.sigmoid()),
        Unary("Tanh", x => x.tanh()),
        Unary("HardSwish", x => x.hardswish()),
        Unary("Softplus", x => x.softplus()),
        Unary("Erf", x => x.erf()),
        Unary("Abs", x => x.abs()),
        Unary("Neg", x => x.neg()),
        Unary("Exp", x => x.exp()),
        Unary("Log", x => x.log()),
        Unary("Sqrt", x => x.sqrt()),
        Unary("Reciprocal", x => x.reciprocal()),
        Unary("Floor", x => x.floor()),
        Unary("Ceil", x => x.ceil()),
        Unary("Sin", x => x.sin()),
        Unary("Cos", x => x.cos()),
        Unary("Not", x => x.logical_not()),
        new("Clip", Clip),
        new("HardSigmoid", HardSigmoid),
        new("LeakyRelu", LeakyRelu),
        new("PRelu", PRelu) { Weights = [1] },
        new("Gelu", Gelu),
        new("Softmax", Softmax),
    ];

    private static Operator Unary(string name, Func<Tensor, Tensor> apply) => new(name, node =>
    {
        var x = node.Input(0);
        return f => [apply(x.Of(f))];
    });

    private static Computation Clip(NodeReader node)
    {
        var x = node.Input(0);
        if (node.Opset < 11)
        {
            Scalar low = node.Number("min", float.MinValue);
            Scalar high = node.Number("max", float.MaxValue);
            return f => [x.Of(f).clamp(low, high)];
        }

        var (min, max) = (node.Optional(1), node.Optional(2));
        if ((min is null || min.Scalar() is not null) && (max is null || max.Scalar() is not null))
        {
            Scalar? low = min?.Scalar() is { } l ? l : null;
            Scalar? high = max?.Scalar() is { } h ? h : null;
            return low is null && high is null ? f => [x.Of(f).alias()] : f => [x.Of(f).clamp(low!, high!)];
        }

        return f =>
        {
            using var scope = NewDisposeScope();
            var value = x.Of(f);
            value = min is null ? value : value.maximum(min.Of(f));
            value = max is null ? value : value.minimum(max.Of(f));
            return [value.MoveToOuterDisposeScope()];
        };
    }

    private static Computation HardSigmoid(NodeReader node)
    {
        var x = node.Input(0);
        var (alpha, beta) = (node.Number("alpha", .2f), node.Number("beta", .5f));

        // libtorch's is the one of MobileNetV3, a sixth.
        if (beta == .5f && Math.Abs(alpha - (1.0 / 6)) < 1e-7)
        {
            return f => [x.Of(f).hardsigmoid()];
        }

        Scalar slope = alpha, offset = beta, zero = 0.0, one = 1.0;
        return f =>
        {
            using var scaled = x.Of(f).mul(slope);
            using var moved = scaled.add(offset);
            return [moved.clamp(zero, one)];
        };
    }

    private static Computation LeakyRelu(NodeReader node)
    {
        var x = node.Input(0);
        Scalar slope = node.Number("alpha", .01f);
        return f => [x.Of(f).leaky_relu(slope)];
    }

    private static Computation PRelu(NodeReader node)
    {
        var (x, slope) = (node.Input(0), node.Input(1));
        Scalar zero = 0.0;

        // libtorch takes a slope a channel only, ONNX any shape that broadcasts.
        return f =>
        {
            using var scope = NewDisposeScope();
            var input = x.Of(f);
            var negative = input.minimum(torch.zeros_like(input));
            return [input.clamp_min(zero).add(negative.mul(slope.Of(f))).MoveToOuterDisposeScope()];
        };
    }

    private static Computation Gelu(NodeReader node)
    {
        var x = node.Input(0);
        return node.Text("approximate", "none") switch
        {
            "none" => f => [x.Of(f).gelu()],
            "tanh" => f => [x.Of(f).gelu(TorchSharp.Modules.GELU.Approximate.tanh)],
            var other => throw node.Error($"has attribute approximate = \"{other}\", which the trainer does not support"),
        };
    }

    private static Computation Softmax(NodeReader node)
    {
        var x = node.Input(0);
        if (node.Opset >= 13)
        {
            var axis = node.Integer("axis", -1);
            return f => [nn.functional.softmax(x.Of(f), axis)];
        }

        // Before, all axes from the given one on were one.
        var first = node.Integer("axis", 1);
        return f =>
        {
            using var scope = NewDisposeScope();
            var input = x.Of(f);
            var rows = input.shape[..(int)Axes.Normal(first, input.dim())];
            var flat = input.reshape([.. rows, input.shape[rows.Length..].Aggregate(1L, (a, b) => a * b)]);
            return [nn.functional.softmax(flat, -1).reshape(input.shape).MoveToOuterDisposeScope()];
        };
    }
}
