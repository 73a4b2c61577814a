using CpfPipeline.Learning.Autograd.Nodes;
using TorchSharp;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd.Operators;

/// <summary>Functions of several tensors that broadcast.</summary>
internal static class Elementwise
{
    public static IReadOnlyList<Operator> All { get; } =
    [
        Binary("Add", (a, b) => a.add(b)) with { IsAffine = true },
        Binary("Mul", (a, b) => a.mul(b)) with { IsAffine = true },
        Binary("Sub", (a, b) => a.sub(b)),
        Binary("Div", Divide),
        Binary("Equal", (a, b) => a.eq(b)),
        Binary("Greater", (a, b) => a.gt(b)),
        Binary("Less", (a, b) => a.lt(b)),
        Binary("GreaterOrEqual", (a, b) => a.ge(b)),
        Binary("LessOrEqual", (a, b) => a.le(b)),
        Binary("And", (a, b) => a.logical_and(b)),
        Binary("Or", (a, b) => a.logical_or(b)),
        Variadic("Max", (a, b) => a.maximum(b)),
        Variadic("Min", (a, b) => a.minimum(b)),
        Variadic("Sum", (a, b) => a.add(b)),
        new("Pow", Power),
        new("Where", Where),
    ];

    private static Operator Binary(string name, Func<Tensor, Tensor, Tensor> apply) => new(name, node =>
    {
        var (a, b) = (node.Input(0), node.Input(1));
        return f => [apply(a.Of(f), b.Of(f))];
    });

    private static Operator Variadic(string name, Func<Tensor, Tensor, Tensor> apply) => new(name, node =>
    {
        var inputs = node.Inputs();
        return inputs.Length switch
        {
            0 => throw node.Error("has no inputs"),
            1 => f => [inputs[0].Of(f).alias()],
            2 => f => [apply(inputs[0].Of(f), inputs[1].Of(f))],
            _ => f =>
            {
                using var scope = NewDisposeScope();
                var result = inputs.Skip(1).Aggregate(inputs[0].Of(f), (sum, next) => apply(sum, next.Of(f)));
                return [result.MoveToOuterDisposeScope()];
            },
        };
    });

    /// <summary>Integers, of which shapes are made, divide without a remainder.</summary>
    private static Tensor Divide(Tensor a, Tensor b) => a.is_integral() && b.is_integral() ? a.div(b, RoundingMode.trunc) : a.div(b);

    private static Computation Power(NodeReader node)
    {
        var (x, exponent) = (node.Input(0), node.Input(1));
        if (exponent.Scalar() is { } value && exponent.Shape is { Length: <= 1 })
        {
            Scalar number = value;
            return value == 2 ? f => [x.Of(f).square()] : f => [x.Of(f).pow(number)];
        }

        return f => [x.Of(f).pow(exponent.Of(f))];
    }

    private static Computation Where(NodeReader node)
    {
        var (condition, a, b) = (node.Input(0), node.Input(1), node.Input(2));
        return f => [where(condition.Of(f), a.Of(f), b.Of(f))];
    }
}
