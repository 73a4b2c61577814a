using CpfPipeline.Learning.Graphs;
using CpfPipeline.Vision.Onnx;
using Google.Protobuf;

namespace CpfPipeline.Tests.Integration.Trainer.Hub;

/// <summary>Graphs as the hub's exports have them, in small: a ViT, a ConvNeXt and two towers.</summary>
internal static class HubGraphs
{
    public const int Side = 32;
    public const int Width = 16;

    private const int Patch = 8;
    private const int Heads = 2;
    private const int Patches = Side / Patch * (Side / Patch);

    /// <summary><c>last_hidden_state [N,1+16,16]</c>.</summary>
    public static byte[] Vit()
    {
        var (g, random) = (new GraphWriter("vit"), new Random(1));
        g.Output(Tower(g, random, "pixel_values"), "last_hidden_state", null, Patches + 1, Width);
        return g.ToBytes(new Dictionary<string, string>());
    }

    /// <summary><c>last_hidden_state [N,8,8,8]</c>: a map.</summary>
    public static byte[] ConvNext()
    {
        var (g, random) = (new GraphWriter("convnext"), new Random(2));
        var pixels = g.Input("pixel_values", null, 3, Side, Side);
        var map = g.Node("Conv", [pixels, Weight(g, random, 8, 3, 4, 4)], ("strides", new[] { 4L, 4L }));
        var deep = g.Node("Conv", [map, Weight(g, random, 8, 1, 7, 7)], ("group", 8L), ("pads", new[] { 3L, 3L, 3L, 3L }));
        g.Output(g.Node("Add", [map, g.Node("Relu", deep)]), "last_hidden_state", null, 8, 8, 8);
        return g.ToBytes(new Dictionary<string, string>());
    }

    /// <summary>Two towers: <c>image_embeds [N,8]</c> of pixels, <c>text_embeds</c> of words, and their products.</summary>
    public static byte[] Clip()
    {
        var (g, random) = (new GraphWriter("clip"), new Random(3));
        var tokens = Tower(g, random, "pixel_values");
        var first = g.Node("Gather", [tokens, g.Constant([0L])], ("axis", 1L));
        var image = g.Node("MatMul", [g.Node("Flatten", first), Weight(g, random, Width, 8)]);
        var words = g.Input("input_ids", null, 4);
        var text = g.Node("MatMul", [words, Weight(g, random, 4, 8)]);
        g.Output(g.Node("MatMul", [image, g.Node("Transpose", text, ("perm", new[] { 1L, 0L }))]), "logits_per_image", null, null);
        g.Output(text, "text_embeds", null, 8);
        g.Output(image, "image_embeds", null, 8);
        return g.ToBytes(new Dictionary<string, string>());
    }

    /// <summary>The same graph with its weights in another file.</summary>
    public static (byte[] Graph, byte[] Weights) Split(byte[] graph, string location)
    {
        var (model, weights) = (ModelProto.Parser.ParseFrom(graph), new MemoryStream());
        foreach (var tensor in model.Graph.Initializer.Where(t => t.RawData.Length > 64))
        {
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = $"{weights.Length}" });
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = $"{tensor.RawData.Length}" });
            tensor.RawData.WriteTo(weights);
            tensor.RawData = ByteString.Empty;
            tensor.DataLocation = TensorProto.Types.DataLocation.External;
        }

        return (model.ToByteArray(), weights.ToArray());
    }

    // Patches and a class token through one block of attention.
    private static string Tower(GraphWriter g, Random random, string input)
    {
        var pixels = g.Input(input, null, 3, Side, Side);
        var map = g.Node("Conv", [pixels, Weight(g, random, Width, 3, Patch, Patch)], ("strides", new long[] { Patch, Patch }));
        var patches = g.Node("Transpose", g.Node("Reshape", [map, g.Constant([0, Width, Patches])]), ("perm", new[] { 0L, 2L, 1L }));
        var batch = g.Node("Slice", [g.Node("Shape", pixels), g.Constant([0L]), g.Constant([1L])]);
        var token = g.Node(
            "Expand", [Weight(g, random, 1, 1, Width), g.Node("Concat", [batch, g.Constant([1L, Width])], ("axis", 0L))]);
        var x = g.Node("Add", [g.Node("Concat", [token, patches], ("axis", 1L)), Weight(g, random, 1, Patches + 1, Width)]);
        var (q, k, v) = (Head(0, 2, 1, 3), Head(0, 2, 3, 1), Head(0, 2, 1, 3));
        var scores = g.Node("Mul", [g.Node("MatMul", [q, k]), g.Constant([(float)(1 / Math.Sqrt((double)Width / Heads))], 1)]);
        var mixed = g.Node("MatMul", [g.Node("Softmax", scores, ("axis", -1L)), v]);
        var joined = g.Node("Reshape", [g.Node("Transpose", mixed, ("perm", new[] { 0L, 2L, 1L, 3L })), g.Constant([0, 0, Width])]);
        return g.Node("Add", [x, g.Node("MatMul", [joined, Weight(g, random, Width, Width)])]);

        string Head(params long[] permutation) => g.Node(
            "Transpose",
            g.Node("Reshape", [g.Node("MatMul", [x, Weight(g, random, Width, Width)]), g.Constant([0, 0, Heads, Width / Heads])]),
            ("perm", permutation));
    }

    private static string Weight(GraphWriter g, Random random, params int[] dims) => g.Constant(
        [.. Enumerable.Range(0, dims.Aggregate(1, (a, b) => a * b)).Select(_ => (random.NextSingle() - .5f) * .5f)], dims);
}
