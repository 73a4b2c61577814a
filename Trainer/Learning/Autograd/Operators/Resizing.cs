using CpfPipeline.Learning.Autograd.Nodes;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd.Operators;

/// <summary>Resize of maps <c>[N,C,H,W]</c>: position embeddings for another number of patches, and upsampling.</summary>
internal static class Resizing
{
    private const int Rank = 4;
    private const float Cubic = -.75f;

    public static IReadOnlyList<Operator> All { get; } = [new("Resize", Resize)];

    private static Computation Resize(NodeReader node)
    {
        if (node.Opset < 11)
        {
            throw node.Error("is of an operator set before 11, which leaves open where pixels lie");
        }

        var (mode, align) = Mode(node);
        node.Only("exclude_outside", 0);
        if (node.Opset >= 18)
        {
            node.Only("antialias", 0);
        }

        _ = node.Number("extrapolation_value", 0);
        var (x, scales, sizes) = (node.Input(0), node.Optional(2), node.Optional(3));
        var target = sizes?.Integers();
        if (target is null && scales is null)
        {
            throw node.Error("lacks scales and sizes");
        }

        return f =>
        {
            var input = x.Of(f);
            if (target is not null)
            {
                return [nn.functional.interpolate(input, size: Tail(target(f)), mode: mode, align_corners: align)];
            }

            using var scope = NewDisposeScope();
            var factors = scales!.Of(f).to_type(ScalarType.Float64).cpu().data<double>().ToArray();
            return [nn.functional.interpolate(input, scale_factor: Tail(factors), mode: mode, align_corners: align)
                .MoveToOuterDisposeScope()];
        };

        T[] Tail<T>(T[] values) => values.Length == Rank
            ? values[2..] : throw node.Error($"resizes {values.Length} axes; the trainer supports maps [N,C,H,W]");
    }

    private static (InterpolationMode Mode, bool? Align) Mode(NodeReader node)
    {
        var (mode, place) = (node.Text("mode", "nearest"), node.Text("coordinate_transformation_mode", "half_pixel"));
        var (nearest, coefficient) = (node.Text("nearest_mode", "round_prefer_floor"), node.Number("cubic_coeff_a", Cubic));
        bool? align = place switch { "half_pixel" or "pytorch_half_pixel" => false, "align_corners" => true, _ => null };
        return (mode, align) switch
        {
            ("nearest", null) when place == "asymmetric" && nearest == "floor" => (InterpolationMode.Nearest, null),
            ("linear", not null) => (InterpolationMode.Bilinear, align),
            ("cubic", not null) when coefficient == Cubic => (InterpolationMode.Bicubic, align),
            _ => throw node.Error($"resizes by {mode}, {place}, {nearest}, {coefficient}, which the trainer does not support"),
        };
    }
}
