using CpfPipeline.Learning.Graphs;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Tests.Oracle;

/// <summary>
/// A small backbone without weights that were learnt: a fixed filter bank, the same bytes on every machine, of many operators. It finds
/// near-duplicates, which makes it good for tests, and is what a trained backbone of its size has to beat.
/// </summary>
/// <remarks>
/// Pixels <c>[N,3,64,64] float32 RGB 0..1</c>, squashed. Three blocks, each brought to unit length and weighted, make the feature:
/// <list type="bullet">
/// <item>colour layout: opponent colours (lightness, red-green, blue-yellow), smoothed, averaged on a grid of overlapping cells;</item>
/// <item>oriented gradients: the energy of even and odd Gabor filters (8 orientations, two scales) averaged on grids;</item>
/// <item>colour occurrence: how much of the picture falls near each of a lattice of colours, over the whole and its quarters,
/// which a shifted crop hardly changes.</item>
/// </list>
/// Cells overlap by half or more, so that cutting a tenth off a side moves little from cell to cell. Square roots keep one strong edge
/// (a watermark's) from drowning the rest.
/// </remarks>
public static class FilterBankBackbone
{
    private const int Side = 64;
    private const int Orientations = 8;

    /// <summary>Version of the bank; goes into the provenance.</summary>
    private const string Provenance = "CpfPipeline filter bank 1: colour layout, oriented gradients, colour occurrence; no learnt weights";

    /// <summary>The ONNX file, the same bytes on every machine.</summary>
    public static byte[] Write()
    {
        var g = new GraphWriter("filter_bank");
        var pixels = g.Input("pixels", null, 3, Side, Side);
        var opponent = Opponent(g, pixels);
        var blocks = new List<(string Name, int Length)>();
        blocks.Add(ColourLayout(g, opponent));
        var light = g.Node("Conv", [pixels, g.Constant([.299f, .587f, .114f], 1, 3, 1, 1)]);
        blocks.Add(Gradients(g, light, size: 5, wavelength: 4, stride: 1, cell: 20, step: 10));
        blocks.Add(Gradients(g, light, size: 11, wavelength: 8, stride: 2, cell: 9, step: 4));
        blocks.Add(Occurrence(g, opponent));
        var feature = g.Node("Concat", blocks.Select(b => b.Name), ("axis", 1L));
        var length = blocks.Sum(b => b.Length);
        g.Output(feature, "feature", null, length);
        var spec = new BackboneSpec(
            new InputSpec(Side, Side, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]), "pixels", "feature", length, Provenance);
        return g.ToBytes(spec.ToMetadata());
    }

    private static string Opponent(GraphWriter g, string pixels) =>
        g.Node("Conv", [pixels, g.Constant([1 / 3f, 1 / 3f, 1 / 3f, .5f, -.5f, 0, -.25f, -.25f, .5f], 3, 3, 1, 1)]);

    private static (string, int) ColourLayout(GraphWriter g, string opponent)
    {
        // Cells of a quarter side every eighth: 7 x 7, half overlapping.
        var cells = Pool(g, opponent, Side / 4, Side / 8);
        const int Count = 7;
        var centred = g.Node("Sub", [cells, g.Node("ReduceMean", cells, ("axes", new[] { 2L, 3L }), ("keepdims", 1L))]);
        return Finish(g, centred, 3 * Count * Count, 1f);
    }

    private static (string, int) Gradients(
        GraphWriter g, string light, int size, double wavelength, int stride, int cell, int step)
    {
        var even = Filtered(g, light, size, wavelength, stride, phase: 0);
        var odd = Filtered(g, light, size, wavelength, stride, phase: Math.PI / 2);
        var energy = g.Node("Sqrt", g.Node("Add", [g.Node("Mul", [even, even]), g.Node("Mul", [odd, odd])]));
        var side = ((Side - size) / stride) + 1;
        var count = ((side - cell) / step) + 1;
        return Finish(g, g.Node("Sqrt", Pool(g, energy, cell, step)), Orientations * count * count, 1f);
    }

    private static string Filtered(GraphWriter g, string light, int size, double wavelength, int stride, double phase)
    {
        var kernels = Enumerable.Range(0, Orientations)
            .SelectMany(o => Gabor(size, wavelength, Math.PI * o / Orientations, phase)).ToArray();
        return g.Node(
            "Conv", [light, g.Constant(kernels, Orientations, 1, size, size)], ("strides", new long[] { stride, stride }));
    }

    private static (string, int) Occurrence(GraphWriter g, string opponent)
    {
        // Triangular bins along each opponent axis and along sums of two of them.
        var weights = new List<float>();
        var biases = new List<float>();
        float[][] axes = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [.5f, 1, 0], [.5f, -1, 0], [.5f, 0, 1], [.5f, 0, -1]];
        (float Low, float High)[] ranges = [(0, 1), (-.5f, .5f), (-.5f, .5f), (-.25f, .75f), (-.25f, .75f), (-.25f, .75f), (-.25f, .75f)];
        const int Bins = 8;
        for (var a = 0; a < axes.Length; a++)
        {
            var width = (ranges[a].High - ranges[a].Low) / (Bins - 1);
            for (var b = 0; b < Bins; b++)
            {
                weights.AddRange(axes[a].Select(v => v / width));
                biases.Add(-(ranges[a].Low + (b * width)) / width);
            }
        }

        var channels = axes.Length * Bins;
        var offset = g.Node(
            "Conv", [opponent, g.Constant(weights.ToArray(), channels, 3, 1, 1), g.Constant(biases.ToArray(), channels)]);
        var near = g.Node("Relu", g.Node("Sub", [g.Constant([1f], 1), g.Node("Abs", offset)]));
        var whole = g.Node("Flatten", Pool(g, near, Side, Side), ("axis", 1L));
        var quarters = g.Node("Flatten", Pool(g, near, 40, 24), ("axis", 1L));
        var both = g.Node("Concat", [whole, quarters], ("axis", 1L));
        var normal = g.Normalise(g.Node("Sqrt", both), 1);
        return (normal, channels * 5);
    }

    private static string Pool(GraphWriter g, string input, int cell, int step) =>
        g.Node("AveragePool", input, ("kernel_shape", new long[] { cell, cell }), ("strides", new long[] { step, step }));

    private static (string, int) Finish(GraphWriter g, string cells, int length, float weight)
    {
        var flat = g.Normalise(g.Node("Flatten", cells, ("axis", 1L)), 1);
        return (g.Node("Mul", [flat, g.Constant([weight], 1)]), length);
    }

    /// <summary>A Gabor kernel of zero mean and unit absolute sum, rounded so that every machine's mathematics library gives the same bits.</summary>
    private static float[] Gabor(int size, double wavelength, double angle, double phase)
    {
        var values = new double[size * size];
        var sigma = size / 5.0;
        var (cos, sin) = (Math.Cos(angle), Math.Sin(angle));
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var (dx, dy) = (x - (size / 2), y - (size / 2));
                var along = (dx * cos) + (dy * sin);
                values[(y * size) + x] = Math.Exp(-((dx * dx) + (dy * dy)) / (2 * sigma * sigma))
                    * Math.Cos((2 * Math.PI * along / wavelength) + phase);
            }
        }

        var mean = values.Average();
        var sum = values.Sum(v => Math.Abs(v - mean));
        return [.. values.Select(v => (float)(Math.Round((v - mean) / sum * (1 << 20)) / (1 << 20)))];
    }
}
