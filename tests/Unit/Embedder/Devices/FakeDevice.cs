using System.Collections.Concurrent;
using CpfPipeline.Embedder.Devices;

namespace CpfPipeline.Tests.Unit.Embedder.Devices;

/// <summary>
/// A device without hardware: a picture's feature is its first value times a factor. It can be short of memory, be held up, and be lost.
/// </summary>
internal sealed class FakeDevice(float factor = 1) : IInferenceDevice
{
    private readonly ConcurrentQueue<(float[] Pictures, int Rows)> _runs = [];

    /// <summary>Maximum number of rows that fit.</summary>
    public int Room { get; set; } = int.MaxValue;

    /// <summary>Called with the pictures' first values before a run; throws what the run is to throw.</summary>
    public Action<float[]> Before { get; set; } = _ => { };

    public bool IsDisposed { get; private set; }

    /// <summary>First values of the pictures of every run with pictures, and its rows; runs that failed as well.</summary>
    public IReadOnlyList<(float[] Pictures, int Rows)> Runs => [.. _runs];

    public void Run(IReadOnlyList<ReadOnlyMemory<float>> pictures, int rows, Span<Half> features, Span<string?> reasons)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        float[] values = [.. pictures.Select(p => p.Span[0])];
        if (values.Length > 0)
        {
            _runs.Enqueue((values, rows));
        }

        if (rows > Room)
        {
            throw new DeviceMemoryException($"{rows} rows are too many");
        }

        Before(values);
        for (var i = 0; i < values.Length; i++)
        {
            (features[i], reasons[i]) = ((Half)(values[i] * factor), null);
        }
    }

    public void Dispose() => IsDisposed = true;
}
