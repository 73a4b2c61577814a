using CpfPipeline.Learning.Autograd.Nodes;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd.Operators;

/// <summary>Computes a node's outputs, as new handles that the pass may dispose.</summary>
internal delegate Tensor[] Computation(Frame frame);

/// <summary>An ONNX operator that the trainer can differentiate.</summary>
/// <param name="Name">Its name in the domain ai.onnx.</param>
/// <param name="Compile">Reads a node once, at load, and gives what runs at every pass.</param>
internal sealed record Operator(string Name, Func<NodeReader, Computation> Compile)
{
    /// <summary>Inputs that are weights when they come from the file.</summary>
    public IReadOnlyList<int> Weights { get; init; } = [];

    /// <summary>Inputs that are running statistics: batch statistics move them, gradients do not.</summary>
    public IReadOnlyList<int> Statistics { get; init; } = [];

    /// <summary>Scales or shifts: a constant of the file beside something learnt is a weight (the bias of a MatMul, for one).</summary>
    public bool IsAffine { get; init; }

    /// <summary>Passes its first input on unchanged but for its shape, so a weight behind it is still a weight.</summary>
    public bool IsView { get; init; }

    public bool HasManyOutputs { get; init; }
}
