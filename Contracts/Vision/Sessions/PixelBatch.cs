using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Vision.Sessions;

/// <summary>
/// Pixels of up to <see cref="Capacity"/> pictures, <c>[N,3,H,W] float32</c>, in memory that never moves. Make a few and use them again:
/// at 224 px a row is 602 kB. Rows may be filled from different threads.
/// </summary>
public sealed class PixelBatch
{
    private readonly float[] _memory;

    public PixelBatch(InputSpec spec, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        Spec = spec;
        Capacity = capacity;
        _memory = GC.AllocateUninitializedArray<float>(checked(spec.RowLength * capacity), pinned: true);
    }

    public InputSpec Spec { get; }

    /// <summary>Rows.</summary>
    public int Capacity { get; }

    /// <summary>One picture, <c>[3,H,W]</c>: where <see cref="ImageDecoder.Decode"/> writes.</summary>
    public Span<float> Row(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Capacity, nameof(index));
        return _memory.AsSpan(index * Spec.RowLength, Spec.RowLength);
    }

    internal Memory<float> Rows(int first, int count) => _memory.AsMemory(first * Spec.RowLength, count * Spec.RowLength);
}
