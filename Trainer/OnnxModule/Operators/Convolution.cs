using static TorchSharp.torch;

namespace CpfPipeline.Trainer.OnnxModules.Operators;

/// <summary>Conv over two dimensions.</summary>
internal static class Convolution
{
    public static IReadOnlyList<Operator> All { get; } = [new("Conv", Compile) { Weights = [1, 2] }];

    private static Computation Compile(NodeReader node)
    {
        var (x, weight, bias) = (node.Input(0), node.Input(1), node.Optional(2));
        var given = node.Integers("kernel_shape");
        var kernel = weight.Shape?[2..] ?? given ?? throw node.Error("has neither kernel_shape nor a weight in the file");
        if (given is not null && !given.SequenceEqual(kernel))
        {
            throw node.Error($"has kernel_shape [{string.Join(',', given)}], and its weight is [{string.Join(',', weight.Shape!)}]");
        }

        var group = node.Integer("group", 1);
        var window = Window.Read(node, kernel, dilates: true);
        var (strides, dilations, before) = (window.Strides, window.Dilations, window.Before);
        if (window.IsSymmetric)
        {
            return f => [Convolve(x.Of(f), f, before)];
        }

        return f =>
        {
            var input = x.Of(f);
            var pads = window.Pads(input.shape[2], input.shape[3]);
            if (pads[0] == pads[2] && pads[1] == pads[3])
            {
                return [Convolve(input, f, pads[..2])];
            }

            using var padded = Window.Pad(input, pads, 0);
            return [Convolve(padded, f, [0, 0])];
        };

        Tensor Convolve(Tensor input, Frame f, long[] padding) =>
            nn.functional.conv2d(input, weight.Of(f), bias?.Of(f), strides, padding, dilations, group);
    }
}
