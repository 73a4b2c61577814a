using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd.Operators;

/// <summary>Sums, means and norms over axes.</summary>
internal static class Reductions
{
    public static IReadOnlyList<Operator> All { get; } =
    [
        Reduce("ReduceMean", 18, (x, axes, keep) => x.mean(axes, keep)),
        Reduce("ReduceSum", 13, (x, axes, keep) => x.sum(axes, keep)),
        Reduce("ReduceMax", 18, (x, axes, keep) => x.amax(axes, keep)),
        Reduce("ReduceMin", 18, (x, axes, keep) => x.amin(axes, keep)),
        Reduce("ReduceL1", 18, (x, axes, keep) => linalg.vector_norm(x, 1, axes, keep)),

        // Its gradient at zero is zero, where that of a square root of a sum would be none.
        Reduce("ReduceL2", 18, (x, axes, keep) => linalg.vector_norm(x, 2, axes, keep)),
        Reduce("ReduceSumSquare", 18, (x, axes, keep) =>
        {
            using var squares = x.square();
            return squares.sum(axes, keep);
        }),
    ];

    private static Operator Reduce(string name, long inputSince, Func<Tensor, long[], bool, Tensor> apply) => new(name, node =>
    {
        var x = node.Input(0);
        var axes = node.IntegersOf("axes", 1, inputSince);
        var keeps = node.Flag("keepdims", true);
        var emptyIsNone = node.Opset >= inputSince && node.Flag("noop_with_empty_axes", false);
        return f =>
        {
            var input = x.Of(f);
            var given = axes?.Invoke(f) ?? [];
            if (given.Length == 0 && emptyIsNone)
            {
                return [input.alias()];
            }

            return [apply(input, given.Length > 0 ? given : [.. Enumerable.Range(0, (int)input.dim()).Select(a => (long)a)], keeps)];
        };
    });
}
