using System.Collections.Concurrent;
using CpfPipeline.Embedder;
using CpfPipeline.Embedder.Devices;
using Microsoft.Extensions.Logging.Abstractions;

namespace CpfPipeline.Tests.Unit.Embedder.Devices;

/// <summary>Devices around one queue, and the outcomes of what was handed in. The CPU is a fake device, too.</summary>
internal sealed class TestGroup : IDisposable
{
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<float> _order = [];

    public TestGroup(TimeProvider time, int batch, TimeSpan maxWait, params DeviceSlot[] slots) => Group = new DeviceGroup(
        slots, () => Cpu, new DeviceRowSize(1, 1), new DeviceBatching(batch, maxWait, 4, "cuda"), new EmbedderMetrics(), time,
        NullLogger.Instance);

    public DeviceGroup Group { get; }

    public FakeDevice Cpu { get; } = new();

    /// <summary>First values of the pictures that have their outcome, in the order in which they got it.</summary>
    public IReadOnlyList<float> Order => [.. _order];

    /// <summary>A device that cannot be opened again.</summary>
    public static DeviceSlot Slot(FakeDevice device, string name = "cuda:0") =>
        new(name, device, () => throw new DeviceLostException($"{name} is gone"));

    /// <summary>Hands in a picture whose first value is given. Ends with its feature, or with what failed.</summary>
    public Task<float> AddAsync(float value, CancellationToken abandoned = default)
    {
        var (feature, done) = (new Half[1], new TaskCompletionSource<float>(TaskCreationOptions.RunContinuationsAsynchronously));
        Group.Add(new DevicePicture([value], feature, Done, abandoned));
        return done.Task.WaitAsync(Bound, CancellationToken.None);

        void Done(string? reason, Exception? failure)
        {
            _order.Enqueue(value);
            if (failure is not null)
            {
                done.SetException(failure);
            }
            else
            {
                done.SetResult((float)feature[0]);
            }
        }
    }

    public Task<float>[] AddAll(params float[] values) => [.. values.Select(v => AddAsync(v))];

    public void Dispose() => Group.Dispose();
}
