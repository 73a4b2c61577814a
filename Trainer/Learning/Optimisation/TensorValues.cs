using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Optimisation;

/// <summary>Values of float32 tensors on any device as arrays.</summary>
internal static class TensorValues
{
    public static float[] Read(Tensor tensor)
    {
        using var scope = NewDisposeScope();

        // TorchSharp's accessor walks over a tensor of several dimensions element by element; every checkpoint of a backbone would wait for it.
        return MemoryMarshal.Cast<byte, float>(tensor.detach().cpu().contiguous().bytes).ToArray();
    }

    public static float[][] Read(IEnumerable<Tensor> tensors) => [.. tensors.Select(Read)];

    /// <summary>Overwrites tensors in place.</summary>
    public static void Write(IEnumerable<Tensor> tensors, IReadOnlyList<float[]> values)
    {
        using var still = no_grad();
        foreach (var (target, array) in tensors.Zip(values))
        {
            using var scope = NewDisposeScope();
            target.copy_(tensor(array, target.shape));
        }
    }
}
