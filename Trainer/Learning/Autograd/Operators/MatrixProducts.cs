using CpfPipeline.Learning.Autograd.Nodes;
using TorchSharp;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd.Operators;

/// <summary>MatMul, Gemm and Einsum.</summary>
internal static class MatrixProducts
{
    public static IReadOnlyList<Operator> All { get; } =
    [
        new("MatMul", MatMul) { Weights = [0, 1] },
        new("Gemm", Gemm) { Weights = [1, 2] },
        new("Einsum", Einsum) { Weights = [0, 1] },
    ];

    private static Computation MatMul(NodeReader node)
    {
        var (a, b) = (node.Input(0), node.Input(1));
        return f => [a.Of(f).matmul(b.Of(f))];
    }

    private static Computation Einsum(NodeReader node)
    {
        var inputs = node.Inputs();
        var equation = node.Text("equation", "");
        if (equation.Length == 0)
        {
            throw node.Error("lacks its equation");
        }

        return f => [einsum(equation, [.. inputs.Select(i => i.Of(f))])];
    }

    private static Computation Gemm(NodeReader node)
    {
        var (a, b, c) = (node.Input(0), node.Input(1), node.Optional(2));
        var (turnsA, turnsB) = (node.Flag("transA", false), node.Flag("transB", false));
        Scalar alpha = node.Number("alpha", 1), beta = node.Number("beta", 1);
        var (scales, scalesBias) = (node.Number("alpha", 1) != 1, node.Number("beta", 1) != 1);
        return f =>
        {
            using var scope = NewDisposeScope();
            var left = turnsA ? a.Of(f).t() : a.Of(f);
            var bias = scalesBias && c is not null ? c.Of(f).mul(beta) : c?.Of(f);
            if (!scales && (bias is null || bias.dim() == 1))
            {
                return [nn.functional.linear(left, turnsB ? b.Of(f) : b.Of(f).t(), bias).MoveToOuterDisposeScope()];
            }

            var product = left.matmul(turnsB ? b.Of(f).t() : b.Of(f));
            product = scales ? product.mul(alpha) : product;
            return [(bias is null ? product : product.add(bias)).MoveToOuterDisposeScope()];
        };
    }
}
