using CpfPipeline.Learning.Autograd.Nodes;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd.Operators;

/// <summary>BatchNormalization and LayerNormalization.</summary>
internal static class Normalisation
{
    public static IReadOnlyList<Operator> All { get; } =
    [
        new("BatchNormalization", Batch) { Weights = [1, 2], Statistics = [3, 4] },
        new("LayerNormalization", Layer) { Weights = [1, 2] },
        new("InstanceNormalization", Instance) { Weights = [1, 2] },
    ];

    private static Computation Batch(NodeReader node)
    {
        var (x, scale, bias, mean, variance) = (node.Input(0), node.Input(1), node.Input(2), node.Input(3), node.Input(4));
        var epsilon = node.Number("epsilon", 1e-5f);
        if (node.Opset < 9)
        {
            node.Only("spatial", 1);
        }

        if (node.Opset >= 14)
        {
            // The mode of the module decides; a graph that insists on batch statistics would give no feature of a picture by itself.
            node.Only("training_mode", 0);
        }

        // ONNX: running = running * momentum + batch * (1 - momentum). libtorch has it the other way round, and puts the unbiased
        // estimate of the variance into the running one.
        var moved = 1.0 - node.Number("momentum", .9f);
        return f => [nn.functional.batch_norm(x.Of(f), mean.Of(f), variance.Of(f), scale.Of(f), bias.Of(f), f.UseBatchStatistics, moved, epsilon)];
    }

    private static Computation Layer(NodeReader node)
    {
        var (x, scale, bias) = (node.Input(0), node.Input(1), node.Optional(2));
        var axis = node.Integer("axis", -1);
        var epsilon = node.Number("epsilon", 1e-5f);
        node.Only("stash_type", 1);
        return f =>
        {
            var input = x.Of(f);
            var first = (int)Axes.Normal(axis, input.dim());
            return [nn.functional.layer_norm(input, input.shape[first..], scale.Of(f), bias?.Of(f), epsilon)];
        };
    }

    private static Computation Instance(NodeReader node)
    {
        var (x, scale, bias) = (node.Input(0), node.Input(1), node.Input(2));
        var epsilon = node.Number("epsilon", 1e-5f);
        return f => [nn.functional.instance_norm(x.Of(f), weight: scale.Of(f), bias: bias.Of(f), use_input_stats: true, eps: epsilon)];
    }
}
