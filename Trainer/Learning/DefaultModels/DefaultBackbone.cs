using System.Globalization;
using CpfPipeline.Learning.Graphs;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;

namespace CpfPipeline.Learning.DefaultModels;

/// <summary>
/// The default backbone: pixels <c>[N,3,S,S] float32 RGB, ImageNet-normalised</c> to feature <c>[N,F]</c>. It is ResNet-18 trained on
/// ImageNet (He et al., CVPR 2016; the network of NuGet package Microsoft.ML.DnnImageFeaturizer.ResNet18) up to the second block of its
/// last stage. This and the two stages before it are pooled by a generalised mean, over the whole picture and over its quarters, and
/// beside them stand the colours of the picture on a coarse grid. Plain margins are cut off first (<see cref="SubjectCrop"/>).
/// </summary>
/// <remarks>
/// The package's network takes one picture, BGR from 0 to 255 with the mean taken off. Here the batch is free, the normalisations are
/// folded into the convolutions, and the first convolution takes RGB at the usual scale. Generalised mean: (mean of x^3)^(1/3) over the
/// places of a stage (Radenovic et al., Fine-tuning CNN Image Retrieval, TPAMI 2019, equation 3, p = 3), each part to unit length.
/// </remarks>
public static class DefaultBackbone
{
    /// <summary>The file of the package, as the build puts it beside the executable.</summary>
    public const string SourceName = "ResNet18.onnx";

    // What the package's own preprocessing takes off each channel (its mean picture, averaged), in RGB.
    private static readonly float[] Mean = [123.2f / 255, 115.9f / 255, 103.1f / 255];
    private static readonly float[] Std = [.229f, .224f, .225f];

    /// <summary>Side of the pictures in pixels.</summary>
    internal const int Side = 160;

    /// <summary>
    /// What is pooled. The second block of the last stage tells as much as the third one and costs less. The second and the third stage
    /// cost nothing, since they are computed anyway, and a head tells edited copies better with them
    /// (<c>infra/cpf bench default-backbone</c>). Quarters and colours keep where in the picture something is, which the mean over a
    /// stage loses: pictures of one product by different sellers often share their layout.
    /// </summary>
    internal static FeatureParts Parts { get; } = new(
        [new("ReLU315_Output_0", 128, 8, [1, 2]), new("ReLU347_Output_0", 256, 16, [1, 2]), new("ReLU379_Output_0", 512, 32, [1])],
        ColourGrid: 8);

    /// <summary>Makes the backbone's file; the same bytes give the same file.</summary>
    /// <param name="source">The package's ONNX file.</param>
    /// <exception cref="ModelFileException">It is another network.</exception>
    public static byte[] Write(ReadOnlySpan<byte> source) => Write(source, Side, Parts);

    internal static byte[] Write(ReadOnlySpan<byte> source, int side, FeatureParts parts)
    {
        var graph = new FeaturizerGraph(source, SourceName);
        var g = new GraphWriter("resnet18");
        var pixels = SubjectCrop.Write(g, g.Input("pixels", null, 3, side, side), side);
        var names = new Dictionary<string, string>(StringComparer.Ordinal) { [graph.Nodes[0].Input[0]] = pixels };
        foreach (var node in graph.Nodes)
        {
            if (node.OpType == "BatchNormalization")
            {
                continue; // Folded into its convolution.
            }

            var (output, name) = node.OpType switch
            {
                "Conv" => (graph.NormalisationOf(node).Output[0], Convolve(g, graph, node, names[node.Input[0]])),
                "MaxPool" => (node.Output[0], g.Node("MaxPool", names[node.Input[0]], Window(node))),
                "Add" => (node.Output[0], g.Node("Add", [names[node.Input[0]], names[node.Input[1]]])),
                "Relu" => (node.Output[0], g.Node("Relu", names[node.Input[0]])),
                _ => throw graph.Unexpected($"it has a node {node.OpType}"),
            };
            names[output] = name;
            if (parts.Stages[^1].Name == output)
            {
                break;
            }
        }

        if (parts.Stages.FirstOrDefault(s => !names.ContainsKey(s.Name)) is { Name: { } missing })
        {
            throw graph.Unexpected($"it has no {missing}");
        }

        var pooled = parts.Stages
            .SelectMany(s => s.Grids.Select(n => g.Normalise(Pool(g, names[s.Name], side / s.Stride / n), 1))).ToList();
        if (parts.ColourGrid > 0)
        {
            pooled.Add(g.Normalise(Colours(g, pixels, side / parts.ColourGrid), 1));
        }

        var dim = parts.Dimension;
        g.Output(pooled.Count == 1 ? pooled[0] : g.Node("Concat", pooled, ("axis", 1L)), "feature", null, dim);
        var provenance = string.Create(
            CultureInfo.InvariantCulture,
            $"ResNet-18 trained on ImageNet, of NuGet package Microsoft.ML.DnnImageFeaturizer.ResNet18 (MIT); pooled at {side} px");
        return g.ToBytes(new BackboneSpec(new InputSpec(side, side, ResizeRule.Squash, Mean, Std), "pixels", "feature", dim, provenance)
            .ToMetadata());
    }

    private static string Convolve(GraphWriter g, FeaturizerGraph graph, NodeProto node, string input)
    {
        var (weights, dims, bias) = graph.Fold(node);
        if (node == graph.Nodes[0])
        {
            weights = FromRgb(weights, dims);
        }

        return g.Node("Conv", [input, g.Constant(weights, dims), g.Constant(bias, dims[0])], Window(node));
    }

    /// <summary>The first convolution for RGB at the usual scale: x - mean was 255 std (x / 255 - mean / 255) / std.</summary>
    private static float[] FromRgb(float[] weights, int[] dims)
    {
        var (area, result) = (dims[2] * dims[3], new float[weights.Length]);
        for (var i = 0; i < weights.Length; i++)
        {
            var (output, channel, place) = (i / (3 * area), i / area % 3, i % area);
            result[i] = weights[(((output * 3) + 2 - channel) * area) + place] * 255 * Std[channel];
        }

        return result;
    }

    private static (string Name, object Value)[] Window(NodeProto node) =>
    [
        .. new[] { "kernel_shape", "strides", "pads" }.Select(a => (a, (object)FeaturizerGraph.Integers(node, a))),
    ];

    // Behind a rectifier nothing is negative. The floor keeps the root's slope finite where a channel saw nothing.
    private static string Pool(GraphWriter g, string stage, int cell)
    {
        var cubed = g.Node("Mul", [stage, g.Node("Mul", [stage, stage])]);
        return g.Node("Pow", [g.Node("Max", [Average(g, cubed, cell), g.Constant([1e-9f], 1)]), g.Constant([1f / 3], 1)]);
    }

    // What differs from white: much of a product's picture is background, and what it shows should count.
    private static string Colours(GraphWriter g, string pixels, int cell)
    {
        float[] white = [.. Mean.Zip(Std, (m, s) => (1 - m) / s)];
        return Average(g, g.Node("Sub", [g.Constant(white, 1, 3, 1, 1), pixels]), cell);
    }

    private static string Average(GraphWriter g, string map, int cell)
    {
        long[] sides = [cell, cell];
        return g.Node("Flatten", g.Node("AveragePool", map, ("kernel_shape", sides), ("strides", sides)), ("axis", 1L));
    }
}
