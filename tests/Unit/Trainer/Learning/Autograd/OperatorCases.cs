namespace CpfPipeline.Tests.Unit.Trainer.Learning.Autograd;

/// <summary>Graphs of one operator each, or of the few it comes with, and the operator sets in which they mean something.</summary>
internal static class OperatorCases
{
    private static readonly int[] Opsets = [7, 9, 10, 11, 13, 14, 17, 18, 20, 21, 22];

    public static IReadOnlyDictionary<string, Case> All { get; } = ConvolutionCases.All.Concat(ShapeCases.All).Concat(
    [
        Of("Relu", g => g.Node("Relu", "x", "y")),
        Of("Sigmoid", g => g.Node("Sigmoid", "x", "y")),
        Of("Tanh", g => g.Node("Tanh", "x", "y")),
        Of("Softplus", g => g.Node("Softplus", "x", "y")),
        Of("Erf", g => g.Node("Erf", "x", "y"), 9),
        Of("Neg Exp Log", g => g.Node("Neg", "x", "a").Node("Exp", "a", "b").Node("Log", "b", "y")),
        Of("Abs Sqrt", g => g.Node("Abs", "x", "a").Node("Sqrt", "a", "y")),
        Of("Reciprocal", g => g.Node("Exp", "x", "a").Node("Reciprocal", "a", "y")),
        Of("HardSwish", g => g.Node("Mul", $"x {g.Floats("four", [4])}", "a").Node("HardSwish", "a", "y"), 14),
        Of("HardSigmoid", g => g.Node("Mul", $"x {g.Floats("four", [4])}", "a").Node("HardSigmoid", "a", "y")),
        Of(
            "HardSigmoid of MobileNetV3",
            g => g.Node("Mul", $"x {g.Floats("four", [4])}", "a").Node("HardSigmoid", "a", "y", ("alpha", 1 / 6f), ("beta", .5f))),
        Of("LeakyRelu", g => g.Node("LeakyRelu", "x", "y", ("alpha", .2f))),
        Of("PRelu", g => g.Node("PRelu", $"x {g.Weights("slope", true, 4, 1, 1)}", "y")),
        Of("Gelu", g => g.Node("Gelu", "x", "y"), 20),
        Of("Gelu tanh", g => g.Node("Gelu", "x", "y", ("approximate", "tanh")), 20),
        Of("Clip by attributes", g => g.Node("Clip", "x", "y", ("min", -.2f), ("max", .6f)), 7, 10),
        Of("Clip by one attribute", g => g.Node("Clip", "x", "y", ("max", .3f)), 7, 10),
        Of("Clip by inputs", g => g.Node("Clip", $"x {g.Floats("low", [-.2f])} {g.Floats("high", [.6f])}", "y"), 11),
        Of("Clip by a low input", g => g.Node("Clip", $"x {g.Floats("low", [-.2f])}", "y"), 11),
        Of("Clip by a high input", g => g.Node("Clip", $"x - {g.Floats("high", [.1f])}", "y"), 11),
        Of("Clip without limits", g => g.Node("Clip", "x", "y"), 11),
        Of("Softmax", g => g.Node("Softmax", "x", "y")),
        Of("Softmax axis 2", g => g.Node("Softmax", "x", "y", ("axis", 2))),
        Of(
            "Add Mul Sub Div",
            g => g.Node("Add", $"x {g.Weights("a", true, 4, 1, 1)}", "p").Node("Mul", $"p {g.Weights("b", true, 1, 9)}", "q")
            .Node("Sub", $"q {g.Floats("c", [.5f])}", "r").Node("Div", $"r {g.Weights("d", true, 7, 1)}", "y")),
        Of("Pow", g => g.Node("Abs", "x", "a").Node("Pow", $"a {g.Floats("e", [1.5f])}", "b").Node("Pow", $"b {g.Floats("two", [2])}", "c")
            .Node("Pow", $"c {g.Weights("f", true, 9)}", "y")),
        Of(
            "Max Min",
            g => g.Node("Max", $"x {g.Weights("a", false, 4, 1, 1)}", "p")
                .Node("Min", $"p {g.Weights("b", false, 9)} {g.Floats("c", [.7f])}", "y"),
            8),
        Of("Sum", g => g.Node("Sum", $"x x {g.Weights("a", false, 9)}", "y"), 8),
        Of("Where", g => g.Node("Greater", $"x {g.Floats("zero", [0])}", "c").Node("Neg", "x", "n").Node("Where", "c x n", "y"), 9),
        Of("Einsum of a weight", g => g.Node("Einsum", $"x {g.Weights("w", false, 9, 5)}", "y", ("equation", "nchw,wd->nchd")), 12),
        Of("Einsum of attention", g => g.Node("Einsum", "x x", "s", ("equation", "bhid,bhjd->bhij")).Node("Softmax", "s", "p", ("axis", -1))
            .Node("Einsum", "p x", "y", ("equation", "b h i j, b h j d -> b h i d")), 13),
        Of("Einsum of the rest", g => g.Node("Einsum", "x x", "y", ("equation", "...ij,...kj->...ki")), 12),
        Of("MatMul of batches", g => g.Node("Transpose", "x", "t", ("perm", new[] { 0, 1, 3, 2 })).Node("MatMul", "x t", "y")),
        Of("Floor Ceil Sin Cos", g => g.Node("Mul", $"x {g.Floats("three", [3])}", "a").Node("Floor", "a", "b").Node("Ceil", "a", "c")
            .Node("Sin", "b", "d").Node("Cos", "c", "e").Node("Mul", "d e", "y")),
        Of("Not And Or", g =>
            g.Node("GreaterOrEqual", $"x {g.Floats("zero", [0])}", "p").Node("LessOrEqual", $"x {g.Floats("half", [.5f])}", "q")
            .Node("And", "p q", "both")
                .Node("Not", "p", "n").Node("Or", "both n", "c").Node("Neg", "x", "m").Node("Where", "c x m", "y"), 12),
        Of("MatMul", g => g.Node("MatMul", $"x {g.Weights("w", false, 9, 5)}", "y")),
        Of("Gemm", g => Rows(g).Node("Gemm", $"x {g.Weights("w", false, 9, 5)} {g.Weights("b", false, 5)}", "y")),
        Of("Gemm turned", g => Rows(g).Node("Gemm", $"x {g.Weights("w", false, 5, 9)} {g.Weights("b", false, 5)}", "y", ("transB", 1))),
        Of("Gemm without bias", g => Rows(g).Node("Gemm", $"x {g.Weights("w", false, 9, 5)}", "y"), 11),
        Of("Gemm scaled", g => Rows(g).Node(
            "Gemm", $"x {g.Weights("w", false, 5, 6)} {g.Weights("b", false, 9, 1)}", "y", ("transA", 1), ("transB", 1), ("alpha", .5f),
            ("beta", 2f)), 7),
        Of("ReduceMean by attribute", g => g.Node("ReduceMean", "x", "y", ("axes", new[] { 2, 3 })), 7, 17),
        Of("ReduceMean of negative axes", g => g.Node("ReduceMean", "x", "y", ("axes", new[] { -1 }), ("keepdims", 0)), 11, 17),
        Of("ReduceMean by input", g => g.Node("ReduceMean", $"x {g.Integers("axes", 2, 3)}", "y", ("keepdims", 0)), 18),
        Of("ReduceMean of nothing", g => g.Node("ReduceMean", "x", "y", ("noop_with_empty_axes", 1)), 18),
        Of("ReduceMean of all", g => g.Node("ReduceMean", "x", "y")),
        Of("ReduceSum by attribute", g => g.Node("ReduceSum", "x", "y", ("axes", new[] { 1 })), 7, 12),
        Of("ReduceSum by input", g => g.Node("ReduceSum", $"x {g.Integers("axes", -1)}", "y"), 13),
        Of("ReduceL1", g => g.Node("ReduceL1", "x", "y", ("axes", new[] { 1, 2 })), 7, 17),
        Of("ReduceL2", g => g.Node("ReduceL2", "x", "y", ("axes", new[] { 1 })), 7, 17),
        Of("ReduceL2 by input", g => g.Node("ReduceL2", $"x {g.Integers("axes", 1)}", "y", ("keepdims", 0)), 18),
        Of(
            "ReduceMax ReduceMin",
            g => g.Node("ReduceMax", "x", "a", ("axes", new[] { 3 })).Node("ReduceMin", "a", "y", ("axes", new[] { 1 })), 7, 17),
        Of("ReduceSumSquare", g => g.Node("ReduceSumSquare", $"x {g.Integers("axes", 2, 3)}", "y"), 18),
        Of("BatchNormalization", Norm),
        Of("BatchNormalization spatial", g => Norm(g, ("spatial", 1)), 7, 8),
        Of("BatchNormalization of inference", g => Norm(g, ("training_mode", 0)), 14),
        Of(
            "LayerNormalization",
            g => g.Node(
                "LayerNormalization", $"x {g.Weights("s", true, 7, 9)} {g.Weights("b", false, 7, 9)}", "y", ("axis", 2), ("epsilon", .01f)),
            17),
        Of("LayerNormalization without bias", g => g.Node("LayerNormalization", $"x {g.Weights("s", true, 9)}", "y"), 17),
        Of(
            "InstanceNormalization",
            g => g.Node("InstanceNormalization", $"x {g.Weights("s", true, 4)} {g.Weights("b", false, 4)}", "y", ("epsilon", .01f))),
    ]).ToDictionary(c => c.Key, c => c.Value);

    public static IEnumerable<(string Name, int Opset)> Rows() =>
        All.SelectMany(c => Opsets.Where(o => o >= c.Value.First && o <= c.Value.Last).Select(o => (c.Key, o)));

    public static KeyValuePair<string, Case> Of(string name, Action<TestGraph> build, int first = 7, int last = 22) =>
        new(name, new Case(build, first, last));

    private static TestGraph Rows(TestGraph g)
    {
        g.Dims = [6, 9];
        return g;
    }

    private static void Norm(TestGraph g) => Norm(g, ("epsilon", .01f), ("momentum", .8f));

    private static void Norm(TestGraph g, params (string, object)[] attributes) => g.Node(
        "BatchNormalization",
        $"x {g.Weights("s", true, 4)} {g.Weights("b", false, 4)} {g.Weights("m", false, 4)} {g.Weights("v", true, 4)}",
        "y",
        attributes);

    internal sealed record Case(Action<TestGraph> Build, int First, int Last);
}
