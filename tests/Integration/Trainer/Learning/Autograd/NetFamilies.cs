namespace CpfPipeline.Tests.Integration.Trainer.Learning.Autograd;

/// <summary>Small nets as exporters write those of each family.</summary>
internal static class NetFamilies
{
    /// <summary>Residual blocks with statistics as nodes, pool of 3 x 3, a feature by Reshape.</summary>
    public static byte[] ResNet()
    {
        var g = new LayerGraph(48, 1);
        var x = g.Node("Relu", g.Norm(g.Conv(g.Pixels, 3, 16, 7, 2, 3), 16));
        x = g.Node("MaxPool", x, ("kernel_shape", new[] { 3L, 3L }), ("strides", new[] { 2L, 2L }), ("pads", new[] { 1L, 1L, 1L, 1L }));
        var branch = g.Node("Relu", g.Norm(g.Conv(x, 16, 8, 1), 8));
        branch = g.Node("Relu", g.Norm(g.Conv(branch, 8, 8, 3, 2, 1), 8));
        branch = g.Norm(g.Conv(branch, 8, 32, 1), 32);
        x = g.Node("Relu", g.Node("Add", [branch, g.Norm(g.Conv(x, 16, 32, 1, 2), 32)]));
        return g.Finish(g.Node("Reshape", [g.Node("GlobalAveragePool", x), g.Integers(0, -1)]), 32);
    }

    /// <summary>
    /// HardSwish spelt out as operator set 13 must, squeeze and excitation with HardSigmoid, the shape taken apart and put together.
    /// </summary>
    public static byte[] MobileNetV3()
    {
        var g = new LayerGraph(48, 2);
        var x = HardSwish(g, g.Norm(g.Conv(g.Pixels, 3, 16, 3, 2, 1), 16));
        x = g.Node("Add", [x, Inverted(g, x, 16, 48, 16, 3, 1, 1, excites: true)]);
        x = Inverted(g, x, 16, 64, 24, 5, 2, 2, excites: true);
        x = HardSwish(g, g.Norm(g.Conv(x, 24, 96, 1), 96));
        x = g.Node("GlobalAveragePool", x);
        var batch = g.Node("Gather", [g.Node("Shape", x), g.Integers(0)], ("axis", 0L));
        var flat = g.Node("Reshape", [x, g.Node("Concat", [batch, g.Integers(-1)], ("axis", 0L))]);
        return g.Finish(HardSwish(g, g.Gemm(flat, 96, 40)), 40);
    }

    /// <summary>Swish as Sigmoid and Mul, SAME padding, excitation by ReduceMean.</summary>
    public static byte[] EfficientNet()
    {
        var g = new LayerGraph(50, 3);
        var x = Swish(g, g.Norm(g.Conv(g.Pixels, 3, 16, 3, 2, null), 16));
        var y = Swish(g, g.Norm(g.Conv(x, 16, 64, 1), 64));
        y = Swish(g, g.Norm(g.Conv(y, 64, 64, 5, 2, null, group: 64), 64));
        var gate = g.Node("ReduceMean", y, ("axes", new[] { 2L, 3L }), ("keepdims", 1L));
        gate = g.Node("Sigmoid", g.Conv(Swish(g, g.Conv(gate, 64, 4, 1)), 4, 64, 1));
        y = g.Norm(g.Conv(g.Node("Mul", [gate, y]), 64, 24, 1), 24);
        y = g.Node("Add", [y, g.Norm(g.Conv(y, 24, 24, 3, 1, null, group: 24), 24)]);
        var pooled = g.Node("ReduceMean", Swish(g, g.Norm(g.Conv(y, 24, 80, 1), 80)), ("axes", new[] { 2L, 3L }), ("keepdims", 0L));
        return g.Finish(pooled, 80);
    }

    /// <summary>A fire module between pools that round up.</summary>
    public static byte[] SqueezeNet()
    {
        var g = new LayerGraph(49, 4);
        var x = g.Node("Relu", g.Conv(g.Pixels, 3, 16, 3, 2));
        x = g.Node("MaxPool", x, ("kernel_shape", new[] { 3L, 3L }), ("strides", new[] { 2L, 2L }), ("ceil_mode", 1L));
        var squeezed = g.Node("Relu", g.Conv(x, 16, 8, 1));
        x = g.Node("Concat", [g.Node("Relu", g.Conv(squeezed, 8, 16, 1)), g.Node("Relu", g.Conv(squeezed, 8, 16, 3, 1, 1))], ("axis", 1L));
        return g.Finish(g.Node("Flatten", g.Node("GlobalAveragePool", g.Node("Dropout", x)), ("axis", 1L)), 32);
    }

    /// <summary>
    /// A vision transformer as operator set 13 must spell it: patches by a convolution, norms and Gelu in parts, attention of two heads,
    /// the position embedding resized, the class token by Gather.
    /// </summary>
    public static byte[] VisionTransformer()
    {
        const int Width = 16, Patches = 36;
        var g = new LayerGraph(48, 5);
        var map = g.Conv(g.Pixels, 3, Width, 8, 8);
        var patches = g.Node("Transpose", g.Node("Reshape", [map, g.Integers(0, Width, -1)]), ("perm", new[] { 0L, 2L, 1L }));
        var batch = g.Node("Slice", [g.Node("Shape", map), g.Integers(0), g.Integers(1)]);
        var token = g.Node("Expand", [g.Random(1, 1, Width), g.Node("Concat", [batch, g.Integers(1, Width)], ("axis", 0L))]);
        var x = g.Node("Concat", [token, patches], ("axis", 1L));
        var grid = g.Node("Resize", [g.Random(1, Width, 4, 4), "", "", g.Integers(1, Width, 6, 6)], ("mode", "cubic"),
            ("coordinate_transformation_mode", "pytorch_half_pixel"), ("cubic_coeff_a", -.75f));
        var place = g.Node("Transpose", g.Node("Reshape", [grid, g.Integers(1, Width, Patches)]), ("perm", new[] { 0L, 2L, 1L }));
        x = g.Node("Add", [x, g.Node("Concat", [g.Random(1, 1, Width), place], ("axis", 1L))]);
        var n = Norm(g, x, Width);
        var scores = g.Node("MatMul", [Head(g, n, Width, 0, 2, 1, 3), Head(g, n, Width, 0, 2, 3, 1)]);
        var mixed = g.Node(
            "MatMul", [g.Node("Softmax", g.Node("Mul", [scores, g.Numbers(.35f)]), ("axis", -1L)), Head(g, n, Width, 0, 2, 1, 3)]);
        var joined = g.Node("Reshape", [g.Node("Transpose", mixed, ("perm", new[] { 0L, 2L, 1L, 3L })), g.Integers(0, 0, Width)]);
        x = g.Node("Add", [x, g.Node("MatMul", [joined, g.Random(Width, Width)])]);
        var up = g.Node("Add", [g.Node("MatMul", [Norm(g, x, Width), g.Random(Width, 32)]), g.Random(32)]);
        var gate = g.Node("Add", [g.Node("Erf", g.Node("Div", [up, g.Numbers(1.41421356f)])), g.Numbers(1)]);
        var gelu = g.Node("Mul", [g.Node("Mul", [up, gate]), g.Numbers(.5f)]);
        x = Norm(g, g.Node("Add", [x, g.Node("MatMul", [gelu, g.Random(32, Width)])]), Width);
        return g.Finish(g.Node("Flatten", g.Node("Gather", [x, g.Integers(0)], ("axis", 1L)), ("axis", 1L)), Width);
    }

    private static string Head(LayerGraph g, string x, int width, params long[] order) => g.Node(
        "Transpose",
        g.Node("Reshape", [g.Node("MatMul", [x, g.Random(width, width)]), g.Integers(0, 0, 2, width / 2)]), ("perm", order));

    private static string Norm(LayerGraph g, string x, int width)
    {
        var centred = g.Node("Sub", [x, g.Node("ReduceMean", x, ("axes", new[] { -1L }))]);
        var variance = g.Node("ReduceMean", g.Node("Pow", [centred, g.Numbers(2)]), ("axes", new[] { -1L }));
        var unit = g.Node("Div", [centred, g.Node("Sqrt", g.Node("Add", [variance, g.Numbers(1e-5f)]))]);
        return g.Node("Add", [g.Node("Mul", [unit, g.Random(width)]), g.Random(width)]);
    }

    private static string Inverted(LayerGraph g, string x, int from, int wide, int to, int kernel, int stride, int padding, bool excites)
    {
        x = HardSwish(g, g.Norm(g.Conv(x, from, wide, 1), wide));
        x = HardSwish(g, g.Norm(g.Conv(x, wide, wide, kernel, stride, padding, group: wide), wide));
        if (excites)
        {
            var gate = g.Node("Relu", g.Conv(g.Node("GlobalAveragePool", x), wide, wide / 4, 1));
            x = g.Node("Mul", [x, g.Node("HardSigmoid", g.Conv(gate, wide / 4, wide, 1), ("alpha", 1 / 6f), ("beta", .5f))]);
        }

        return g.Norm(g.Conv(x, wide, to, 1), to);
    }

    private static string HardSwish(LayerGraph g, string x)
    {
        var limited = g.Node("Clip", [g.Node("Add", [x, g.Numbers(3)]), g.Numbers(0), g.Numbers(6)]);
        return g.Node("Div", [g.Node("Mul", [x, limited]), g.Numbers(6)]);
    }

    private static string Swish(LayerGraph g, string x) => g.Node("Mul", [x, g.Node("Sigmoid", x)]);
}
