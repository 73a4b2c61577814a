using CpfPipeline.Learning.Graphs;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Tests.Integration.Trainer.Learning.Autograd;

/// <summary>Backbones of random weights in the operators that exporters write for the families of image nets.</summary>
internal sealed class LayerGraph
{
    private readonly GraphWriter _graph = new("layers");
    private readonly Random _random;
    private readonly int _side;

    public LayerGraph(int side, int seed)
    {
        _side = side;
        _random = new Random(seed);
        Pixels = _graph.Input("pixels", null, 3, side, side);
    }

    public string Pixels { get; }

    public string Node(string op, string input, params (string, object)[] attributes) => _graph.Node(op, input, attributes);

    public string Node(string op, IEnumerable<string> inputs, params (string, object)[] attributes) => _graph.Node(op, inputs, attributes);

    public string Numbers(params float[] values) => _graph.Constant(values, values.Length == 1 ? [] : [values.Length]);

    public string Integers(params long[] values) => _graph.Constant(values);

    public string Random(params int[] dims) => _graph.Constant(Uniform(dims.Aggregate(1, (a, b) => a * b), -.5f, .5f), dims);

    /// <summary>A convolution with bias; <paramref name="padding"/> is added on all sides, or SAME_UPPER where it is null.</summary>
    public string Conv(string x, int from, int to, int kernel, int stride = 1, int? padding = 0, int group = 1)
    {
        var scale = MathF.Sqrt(6f / (from / group * kernel * kernel));
        var weight = _graph.Constant(Uniform(to * (from / group) * kernel * kernel, -scale, scale), to, from / group, kernel, kernel);
        (string, object) border = padding is { } p ? ("pads", new long[] { p, p, p, p }) : ("auto_pad", "SAME_UPPER");
        return _graph.Node(
            "Conv",
            [x, weight, _graph.Constant(Uniform(to, -.1f, .1f), to)],
            ("kernel_shape", new long[] { kernel, kernel }),
            ("strides", new long[] { stride, stride }),
            ("group", (long)group),
            border);
    }

    public string Norm(string x, int width) => _graph.Node(
        "BatchNormalization",
        [
            x, _graph.Constant(Uniform(width, .5f, 1.5f), width), _graph.Constant(Uniform(width, -.2f, .2f), width),
            _graph.Constant(Uniform(width, -.2f, .2f), width), _graph.Constant(Uniform(width, .5f, 1.5f), width),
        ],
        ("epsilon", 1e-3f),
        ("momentum", .99f));

    public string Gemm(string x, int from, int to) => _graph.Node(
        "Gemm",
        [x, _graph.Constant(Uniform(from * to, -.3f, .3f), to, from), _graph.Constant(Uniform(to, -.1f, .1f), to)],
        ("transB", 1L));

    public byte[] Finish(string feature, int dim)
    {
        _graph.Output(feature, "feature", null, dim);
        var spec = new BackboneSpec(
            new InputSpec(_side, _side, ResizeRule.Squash, [.5f, .5f, .5f], [.25f, .25f, .25f]), "pixels", "feature", dim,
            "random weights, for a test");
        return _graph.ToBytes(spec.ToMetadata());
    }

    private float[] Uniform(int count, float low, float high) =>
        [.. Enumerable.Range(0, count).Select(_ => low + ((high - low) * _random.NextSingle()))];
}
