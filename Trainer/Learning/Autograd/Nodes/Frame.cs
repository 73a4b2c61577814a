using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd.Nodes;

/// <summary>The values of one pass through a graph.</summary>
/// <param name="values">By slot; weights and constants are there from the start.</param>
/// <param name="useBatchStatistics">Whether BatchNormalization normalises by the batch and moves its running statistics.</param>
internal sealed class Frame(Tensor?[] values, bool useBatchStatistics)
{
    public bool UseBatchStatistics => useBatchStatistics;

    public Tensor this[int slot] => values[slot]!;

    public void Set(int slot, Tensor value) => values[slot] = value;

    /// <summary>
    /// Gives up the handle. What the backward pass needs, autograd holds itself, so this frees memory early with gradients too.
    /// </summary>
    public void Release(int slot)
    {
        values[slot]?.Dispose();
        values[slot] = null;
    }
}
