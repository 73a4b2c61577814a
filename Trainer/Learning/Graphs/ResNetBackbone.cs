using System.Globalization;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Learning.Graphs;

/// <summary>
/// A backbone to train from scratch: pixels <c>[N,3,S,S] float32 RGB, ImageNet-normalised</c> to feature <c>[N,F]</c>, an average over
/// the last stage.
/// </summary>
/// <remarks>
/// ResNet (He et al., Deep Residual Learning for Image Recognition, CVPR 2016, section 3.3 and the basic block of figure 5) with a stem
/// of 3 x 3 for small pictures, and the shortcut of ResNet-D (He et al., Bag of Tricks, CVPR 2019, section 4.2), which averages before it
/// changes width, so that it drops no pixels. BatchNormalization is a node of its own: training moves its statistics.
/// </remarks>
public static class ResNetBackbone
{
    // ImageNet's, as most backbones have it.
    private static readonly float[] Mean = [.485f, .456f, .406f];
    private static readonly float[] Std = [.229f, .224f, .225f];

    /// <summary>The ONNX file with random weights, the same for the same seed.</summary>
    public static byte[] Write(ResNetSpec spec, int seed)
    {
        Check(spec);
        var random = new Random(seed);
        var g = new GraphWriter("resnet");
        var x = g.Input("pixels", null, 3, spec.Side, spec.Side);
        x = Relu(g, "stem", ConvolveAndNormalise(g, random, "stem", x, 3, spec.StemWidth, 3, spec.StemStride));
        var width = spec.StemWidth;
        for (var stage = 0; stage < spec.Widths.Count; stage++)
        {
            for (var block = 0; block < spec.Blocks[stage]; block++)
            {
                x = Block(g, random, $"stage{stage + 1}.block{block + 1}", x, width, spec.Widths[stage], stage > 0 && block == 0 ? 2 : 1);
                width = spec.Widths[stage];
            }
        }

        var pooled = g.Named("pool", "GlobalAveragePool", [x]);
        g.Output(g.Named("flat", "Flatten", [pooled], ("axis", 1L)), "feature", null, width);
        var provenance = string.Create(
            CultureInfo.InvariantCulture,
            $"CpfPipeline ResNet, stem {spec.StemWidth}/{spec.StemStride}, widths {string.Join('-', spec.Widths)}, blocks {string.Join('-', spec.Blocks)}, random weights of seed {seed}");
        var input = new InputSpec(spec.Side, spec.Side, ResizeRule.Squash, Mean, Std);
        return g.ToBytes(new BackboneSpec(input, "pixels", "feature", width, provenance).ToMetadata());
    }

    private static string Block(GraphWriter g, Random random, string name, string x, int from, int to, int stride)
    {
        var first = Relu(g, $"{name}.a", ConvolveAndNormalise(g, random, $"{name}.a", x, from, to, 3, stride));

        // The branch starts at zero, so that a deep net starts as a shallow one (Goyal et al., arXiv 1706.02677, section 5.1).
        var second = ConvolveAndNormalise(g, random, $"{name}.b", first, to, to, 3, 1, scale: 0);
        var shortcut = x;
        if (stride > 1)
        {
            // Rounds up as the convolution beside it does.
            shortcut = g.Named(
                $"{name}.shortcut.pool",
                "AveragePool",
                [shortcut],
                ("kernel_shape", new[] { 2L, 2L }),
                ("strides", new[] { 2L, 2L }),
                ("auto_pad", "SAME_UPPER"));
        }

        if (from != to)
        {
            shortcut = ConvolveAndNormalise(g, random, $"{name}.shortcut", shortcut, from, to, 1, 1);
        }

        return Relu(g, name, g.Named($"{name}.sum", "Add", [second, shortcut]));
    }

    private static string ConvolveAndNormalise(
        GraphWriter g, Random random, string name, string x, int from, int to, int kernel, int stride, float scale = 1)
    {
        // He et al., Delving Deep into Rectifiers, ICCV 2015, equation 14 (what flows back keeps its variance).
        var deviation = Math.Sqrt(2.0 / (to * kernel * kernel));
        var values = new float[to * from * kernel * kernel];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(deviation * Normal(random));
        }

        var border = (long)(kernel / 2);
        var convolved = g.Named(
            $"{name}.conv",
            "Conv",
            [x, g.Weight($"{name}.conv.weight", values, to, from, kernel, kernel)],
            ("kernel_shape", new long[] { kernel, kernel }),
            ("strides", new long[] { stride, stride }),
            ("pads", new[] { border, border, border, border }));
        return g.Named(
            $"{name}.norm",
            "BatchNormalization",
            [
                convolved, g.Weight($"{name}.norm.scale", Filled(to, scale), to), g.Weight($"{name}.norm.bias", Filled(to, 0), to),
                g.Weight($"{name}.norm.mean", Filled(to, 0), to), g.Weight($"{name}.norm.variance", Filled(to, 1), to),
            ],
            ("epsilon", 1e-5f),
            ("momentum", .9f));
    }

    private static string Relu(GraphWriter g, string name, string x) => g.Named($"{name}.relu", "Relu", [x]);

    private static float[] Filled(int length, float value)
    {
        var values = new float[length];
        values.AsSpan().Fill(value);
        return values;
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static void Check(ResNetSpec spec)
    {
        if (spec.Side < 8 || spec.StemWidth < 1 || spec.StemStride is not (1 or 2) || spec.Widths.Count == 0
            || spec.Widths.Count != spec.Blocks.Count || spec.Widths.Concat(spec.Blocks).Any(v => v < 1))
        {
            throw new ArgumentException("a ResNet wants a side of at least 8, a stem stride of 1 or 2, and as many widths as blocks, all above 0", nameof(spec));
        }
    }
}
