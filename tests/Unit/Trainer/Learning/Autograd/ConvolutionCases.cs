using static CpfPipeline.Tests.Unit.Trainer.Learning.Autograd.OperatorCases;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Autograd;

/// <summary>Convolutions and pools.</summary>
internal static class ConvolutionCases
{
    private static readonly (string, object) Three = ("kernel_shape", new[] { 3, 3 });
    private static readonly (string, object) Two = ("strides", new[] { 2, 2 });
    private static readonly (string, object) Border = ("pads", new[] { 1, 1, 1, 1 });
    private static readonly (string, object) Uneven = ("pads", new[] { 0, 1, 2, 1 });
    private static readonly (string, object) Ceiling = ("ceil_mode", 1);

    public static IEnumerable<KeyValuePair<string, Case>> All { get; } =
    [
        Conv("Conv", Border),
        Conv("Conv kernel and strides", Three, Two, Border),
        Conv("Conv dilated", ("dilations", new[] { 2, 1 }), Border),
        Conv("Conv uneven pads", Uneven),
        Conv("Conv SAME_UPPER", ("auto_pad", "SAME_UPPER"), ("strides", new[] { 2, 3 })),
        Conv("Conv SAME_LOWER", ("auto_pad", "SAME_LOWER"), ("strides", new[] { 2, 3 })),
        Conv("Conv VALID", ("auto_pad", "VALID")),
        Of("Conv uneven kernel SAME_UPPER", g => g.Node("Conv", $"x {g.Weights("w", false, 6, 4, 2, 4)}", "y", ("auto_pad", "SAME_UPPER"))),
        Of("Conv depthwise", g => g.Node("Conv", $"x {g.Weights("w", false, 8, 1, 3, 3)} {g.Weights("b", false, 8)}", "y", ("group", 4), Border)),
        Of("Conv groups", g => g.Node("Conv", $"x {g.Weights("w", false, 6, 2, 3, 3)}", "y", ("group", 2))),
        Pool("MaxPool", Three, Two, Border),
        Pool("MaxPool strides of 1", ("kernel_shape", new[] { 2, 3 })),
        Pool("MaxPool uneven pads", Three, Two, Uneven),
        Pool("MaxPool SAME_UPPER", Three, Two, ("auto_pad", "SAME_UPPER")),
        Pool("MaxPool SAME_LOWER", ("kernel_shape", new[] { 2, 2 }), Two, ("auto_pad", "SAME_LOWER")),
        Pool("MaxPool VALID", Three, Two, ("auto_pad", "VALID")),
        Pool("MaxPool ceiling", 10, ("kernel_shape", new[] { 2, 2 }), Two, Ceiling),
        Pool("MaxPool ceiling with pads", 10, Three, Two, Border, Ceiling),
        Pool("MaxPool ceiling with uneven pads", 10, ("kernel_shape", new[] { 3, 2 }), Two, ("pads", new[] { 0, 1, 2, 0 }), Ceiling),
        Pool("MaxPool dilated", 10, Three, ("dilations", new[] { 2, 3 }), Border),
        Pool("AveragePool", Three, Two),
        Pool("AveragePool pads", Three, Two, Border),
        Pool("AveragePool pads count", Three, Two, Border, ("count_include_pad", 1)),
        Pool("AveragePool uneven pads", Three, Two, Uneven),
        Pool("AveragePool uneven pads count", Three, Two, Uneven, ("count_include_pad", 1)),
        Pool("AveragePool SAME_UPPER", ("kernel_shape", new[] { 2, 2 }), Two, ("auto_pad", "SAME_UPPER")),
        Pool("AveragePool SAME_LOWER", ("kernel_shape", new[] { 2, 2 }), Two, ("auto_pad", "SAME_LOWER")),
        Pool("AveragePool ceiling", 10, ("kernel_shape", new[] { 2, 2 }), Two, Ceiling),
        Pool("AveragePool ceiling with pads", 10, ("kernel_shape", new[] { 3, 2 }), Two, ("pads", new[] { 1, 0, 1, 0 }), Ceiling),
        Pool("AveragePool ceiling with uneven pads", 19, ("kernel_shape", new[] { 3, 2 }), Two, ("pads", new[] { 0, 1, 2, 0 }), Ceiling, ("count_include_pad", 1)),
        Of("GlobalAveragePool", g => g.Node("GlobalAveragePool", "x", "y")),
        Of("GlobalMaxPool", g => g.Node("GlobalMaxPool", "x", "y")),
    ];

    private static KeyValuePair<string, Case> Conv(string name, params (string, object)[] attributes) =>
        Of(name, g => g.Node("Conv", $"x {g.Weights("w", false, 6, 4, 3, 3)} {g.Weights("b", false, 6)}", "y", attributes));

    private static KeyValuePair<string, Case> Pool(string name, params (string, object)[] attributes) => Pool(name, 7, attributes);

    private static KeyValuePair<string, Case> Pool(string name, int first, params (string, object)[] attributes) =>
        Of(name, g => g.Node(name.Split(' ')[0], "x", "y", attributes), first);
}
