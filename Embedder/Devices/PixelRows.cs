using System.Collections.Concurrent;

namespace CpfPipeline.Embedder.Devices;

/// <summary>
/// Memory for decoded pictures on their way to a device. There is only so much: who decodes faster than devices take waits.
/// </summary>
/// <param name="length">Values of a row, <c>[3,H,W]</c>.</param>
/// <param name="most">Rows in use at once.</param>
internal sealed class PixelRows(int length, int most) : IDisposable
{
    private readonly SemaphoreSlim _free = new(most);
    private readonly ConcurrentBag<float[]> _rows = [];

    /// <summary>Blocks until a row is free. Its content is anything.</summary>
    public float[] Rent()
    {
        _free.Wait();
        return _rows.TryTake(out var row) ? row : GC.AllocateUninitializedArray<float>(length);
    }

    public void Return(float[] row)
    {
        _rows.Add(row);
        _free.Release();
    }

    public void Dispose() => _free.Dispose();
}
