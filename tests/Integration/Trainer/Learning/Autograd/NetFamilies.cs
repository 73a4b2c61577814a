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

    /// <summary>HardSwish spelt out as operator set 13 must, squeeze and excitation with HardSigmoid, the shape taken apart and put together.</summary>
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
