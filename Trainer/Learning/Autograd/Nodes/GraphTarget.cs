using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd.Nodes;

/// <summary>What a graph is compiled for, and owner of the tensors that live as long as it does.</summary>
/// <param name="file">What to call the file in messages.</param>
/// <param name="opset">Its version of the domain ai.onnx.</param>
/// <param name="device">Where floating point values live; integers, of which shapes are made, stay on the CPU.</param>
/// <param name="floatType">The type all floating point values are computed in.</param>
internal sealed class GraphTarget(string file, long opset, Device device, ScalarType floatType) : IDisposable
{
    private readonly List<Tensor> _owned = [];

    public string File => file;

    public long Opset => opset;

    public Device Device => device;

    public ScalarType FloatType => floatType;

    /// <summary>Takes a tensor out of every dispose scope and disposes it with the graph.</summary>
    public T Own<T>(T tensor)
        where T : Tensor
    {
        tensor.DetachFromDisposeScope();
        _owned.Add(tensor);
        return tensor;
    }

    public void Dispose()
    {
        foreach (var tensor in _owned)
        {
            tensor.Dispose();
        }

        _owned.Clear();
    }
}
