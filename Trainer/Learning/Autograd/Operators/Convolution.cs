using CpfPipeline.Learning.Autograd.Nodes;
using TorchSharp;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd.Operators;

/// <summary>Conv over two dimensions.</summary>
/// <remarks>
/// On the CPU, channels are filled up to whole blocks where libtorch 2.10 needs it: its oneDNN keeps weights in blocks of 16 channels and
/// leaves the rest of the last block as the memory was. A NaN lying there spoils the output (input channels) or the gradient of the input
/// (output channels); seen for dense kernels larger than 1 x 1, among them 8, 12, 20, 24 and 40 channels, and not for 1 x 1, depthwise
/// kernels or up to three input channels. ResNet, MobileNet, EfficientNet and SqueezeNet have none of these widths, so they lose no time.
/// </remarks>
internal static class Convolution
{
    private const int Block = 16;
    private const int FewInputs = 3;

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
        var isDense = kernel[0] * kernel[1] > 1 && node.Device.type == DeviceType.CPU;
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

        Tensor Convolve(Tensor input, Frame f, long[] padding)
        {
            var (w, b) = (weight.Of(f), bias?.Of(f));
            var (inputs, outputs) = (w.shape[1], w.shape[0]);
            var (moreInputs, moreOutputs) = (inputs <= FewInputs ? 0 : Missing(inputs), Missing(outputs));
            if (!isDense || group > 1 || (moreInputs == 0 && moreOutputs == 0))
            {
                return nn.functional.conv2d(input, w, b, strides, padding, dilations, group);
            }

            using var scope = NewDisposeScope();
            var x = moreInputs == 0 ? input : nn.functional.pad(input, [0, 0, 0, 0, 0, moreInputs]);
            var filled = nn.functional.pad(w, [0, 0, 0, 0, 0, moreInputs, 0, moreOutputs]);
            var result = nn.functional.conv2d(x, filled, null, strides, padding, dilations).narrow(1, 0, outputs);
            return (b is null ? result.contiguous() : result.add(b.reshape(1, outputs, 1, 1))).MoveToOuterDisposeScope();
        }
    }

    private static long Missing(long channels) => (Block - (channels % Block)) % Block;
}
