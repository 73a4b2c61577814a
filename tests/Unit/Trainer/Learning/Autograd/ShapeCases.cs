using CpfPipeline.Vision.Onnx;
using static CpfPipeline.Tests.Unit.Trainer.Learning.Autograd.OperatorCases;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Autograd;

/// <summary>Operators that move values, and arithmetic on shapes.</summary>
internal static class ShapeCases
{
    public static IEnumerable<KeyValuePair<string, Case>> All { get; } =
    [
        Of("Identity", g => g.Node("Identity", "x", "y")),
        Of("Dropout", g => g.Node("Dropout", "x", "y", ("ratio", .3f)), 7, 11),
        Of("Dropout by input", g => g.Node("Dropout", $"x {g.Floats("ratio", [.3f])}", "y"), 12),
        Of("Flatten", g => g.Node("Flatten", "x", "y", ("axis", 2))),
        Of("Flatten all", g => g.Node("Flatten", "x", "y", ("axis", 0))),
        Of("Flatten from the end", g => g.Node("Flatten", "x", "y", ("axis", -1)), 11),
        Of("Reshape", g => g.Node("Reshape", $"x {g.Integers("shape", 0, -1, 9)}", "y")),
        Of("Reshape that keeps zero", g => g.Node("Reshape", $"x {g.Integers("shape", 2, -1, 9)}", "y", ("allowzero", 1)), 14),
        Of(
            "Unsqueeze Squeeze by attribute",
            g => g.Node("Unsqueeze", "x", "a", ("axes", new[] { 4, 0 })).Node("Squeeze", "a", "y", ("axes", new[] { 0 })), 7, 12),
        Of(
            "Unsqueeze Squeeze by input",
            g => g.Node("Unsqueeze", $"x {g.Integers("up", -1, 0)}", "a").Node("Squeeze", $"a {g.Integers("down", -1)}", "y"), 13),
        Of("Squeeze of all", g => g.Node("ReduceMax", "x", "a").Node("Squeeze", "a", "b").Node("Mul", "b x", "y")),
        Of("Transpose", g => g.Node("Transpose", "x", "y", ("perm", new[] { 0, 2, 3, 1 }))),
        Of("Transpose of all", g => g.Node("Transpose", "x", "y")),
        Of("Concat", g => g.Node("Neg", "x", "n").Node("Concat", "x n x", "y", ("axis", 1))),
        Of("Concat from the end", g => g.Node("Neg", "x", "n").Node("Concat", "x n", "y", ("axis", -1)), 11),
        Of("Gather", g => g.Node("Gather", $"x {g.Integers("i", 3, 0, 0)}", "y", ("axis", 1))),
        Of("Gather from the end", g => g.Node("Gather", $"x {g.Integers("i", -1, 1)}", "y", ("axis", -1)), 11),
        Of(
            "Slice by attributes",
            g => g.Node("Slice", "x", "y", ("starts", new[] { 1, -5 }), ("ends", new[] { 3, 100 }), ("axes", new[] { 1, 3 })), 7, 9),
        Of("Slice by inputs", g => g.Node(
            "Slice", $"x {g.Integers("s", 1, 0)} {g.Integers("e", 4, -1)} {g.Integers("a", 1, -1)} {g.Integers("p", 2, 3)}", "y"), 10),
        Of("Slice backwards", g => g.Node(
            "Slice", $"x {g.Integers("s", -1)} {g.Integers("e", long.MinValue + 1)} {g.Integers("a", 3)} {g.Integers("p", -2)}", "y"), 10),
        Of("Split by attribute", g => g.Node("Split", "x", "a b", ("axis", 1), ("split", new[] { 1, 3 })).Node("Mul", "a b", "y"), 7, 12),
        Of("Split by input", g => g.Node("Split", $"x {g.Integers("sizes", 1, 3)}", "a b", ("axis", 1)).Node("Mul", "a b", "y"), 13),
        Of("Split evenly", g => g.Node("Split", "x", "a b", ("axis", 1)).Node("Mul", "a b", "y"), 7, 17),
        Of(
            "Split unevenly", g => g.Node("Split", "x", "a b c", ("axis", 2), ("num_outputs", 3)).Node("Concat", "c a b", "y", ("axis", 2)),
            18),
        Of("Pad by attributes", g => g.Node("Pad", "x", "y", ("pads", new[] { 0, 1, 0, 2, 0, 0, 3, 1 }), ("value", .5f)), 7, 10),
        Of("Pad by inputs", g => g.Node("Pad", $"x {g.Integers("p", 0, 0, 1, 2, 0, 0, 3, -1)} {g.Floats("v", [.5f])}", "y"), 11),
        Of("Pad some axes", g => g.Node("Pad", $"x {g.Integers("p", 1, 2, 3, 4)} - {g.Integers("a", 1, -1)}", "y"), 18),
        Of("Expand", g => g.Node("ReduceMax", "x", "m", ("keepdims", 1)).Node("Expand", $"m {g.Integers("s", 3, 1, 2)}", "y"), 8),
        Of("Tile", g => g.Node("Tile", $"x {g.Integers("r", 1, 2, 1, 3)}", "y")),
        Of(
            "Range",
            g => g.Node("Shape", "x", "s").Node("Constant", "", "three", ("value", Integer(3))).Node("Gather", "s three", "n")
            .Node("Constant", "", "zero", ("value", Integer(0))).Node("Constant", "", "one", ("value", Integer(1)))
            .Node("Range", "zero n one", "r").Node("Cast", "r", "f", ("to", 1)).Node("Mul", "x f", "y"), 11),
        Of("Resize cubic to sizes", g => Resize(g, "cubic", $"- - {g.Integers("z", 2, 4, 5, 13)}"), 13),
        Of("Resize linear to sizes", g => Resize(g, "linear", $"- - {g.Integers("z", 2, 4, 10, 4)}"), 13),
        Of("Resize by scales", g => Resize(g, "cubic", $"- {g.Floats("k", [1, 1, 1.5f, .7f], 4)} -"), 13),
        Of("Resize nearest", g => g.Node(
            "Resize", $"x - {g.Floats("k", [1, 1, 2, 2], 4)}", "y", ("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"),
            ("nearest_mode", "floor")), 13),
        Of(
            "Cast", g => g.Node("Mul", $"x {g.Floats("c", [5])}", "a").Node("Cast", "a", "i", ("to", 7)).Node("Cast", "i", "y", ("to", 1)),
            9),
        Of("Constant", g => g.Node("Constant", "", "c", ("value", Four())).Node("Mul", "x c", "y")),
        Of("Constant number", g => g.Node("Constant", "", "c", ("value_float", 3f)).Node("Mul", "x c", "y"), 12),
        Of(
            "Constant numbers",
            g => g.Node("Constant", "", "c", ("value_floats", new[] { 3f, 1, 4, 1, 5, 9, 2, 6, 5 })).Node("Mul", "x c", "y"), 12),
        Of("Constant integers", g => g.Node("Constant", "", "c", ("value_ints", new[] { 0, -1 })).Node("Reshape", "x c", "y"), 12),
        Of(
            "ConstantOfShape",
            g => g.Node("Shape", "x", "s").Node("ConstantOfShape", "s", "c", ("value", Four([1]))).Node("Add", "x c", "y"), 9),
        Of(
            "Shape in part",
            g => g.Node("Shape", "x", "s", ("start", 1), ("end", -1)).Node("Cast", "s", "f", ("to", 1)).Node("ReduceMean", "f", "m")
            .Node("Mul", "x m", "y"), 15),

        // As exporters write view(n, -1), with the batch taken from the shape.
        Of(
            "Shape Gather Concat Reshape",
            g => g.Node("Shape", "x", "s").Node("Constant", "", "zero", ("value", Integer(0))).Node("Gather", "s zero", "n")
            .Node("Unsqueeze", "n", "n1", ("axes", new[] { 0 })).Node("Concat", $"n1 {g.Integers("rest", -1)}", "t", ("axis", 0))
            .Node("Reshape", "x t", "y"),
            7, 12),

        // As exporters write a window that depends on the size.
        Of(
            "Shape Div Slice",
            g => g.Node("Shape", "x", "s").Node("Gather", $"s {g.Integers("w", 3)}", "n").Node("Div", $"n {g.Integers("two", 2)}", "h")
            .Node("Slice", $"x {g.Integers("from", 0)} h {g.Integers("axis", 3)}", "y"), 10),
    ];

    private static TestGraph Resize(TestGraph g, string mode, string inputs) => g.Node(
        "Resize", $"x {inputs}", "y", ("mode", mode), ("coordinate_transformation_mode", "pytorch_half_pixel"), ("cubic_coeff_a", -.75f));

    private static TensorProto Four(params long[] dims) =>
        new() { DataType = (int)TensorProto.Types.DataType.Float, Dims = { dims }, FloatData = { 4f } };

    private static TensorProto Integer(long value) => new() { DataType = (int)TensorProto.Types.DataType.Int64, Int64Data = { value } };
}
