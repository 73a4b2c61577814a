namespace CpfPipeline.Embedder.Devices;

/// <summary>A decoded picture that waits for a device.</summary>
/// <param name="pixels"><c>[3,H,W] float32</c>; left alone until <paramref name="done"/> is called.</param>
/// <param name="feature">Where its feature goes, F halves.</param>
/// <param name="done">Called once, from any thread: a reason code if the network refused it, or what failed, or neither.</param>
/// <param name="abandoned">Its feature is no longer wanted.</param>
internal sealed class DevicePicture(
    float[] pixels, Memory<Half> feature, Action<string?, Exception?> done, CancellationToken abandoned)
{
    private Action<string?, Exception?>? _done = done;

    public ReadOnlyMemory<float> Pixels => pixels;

    public Memory<Half> Feature => feature;

    public bool IsAbandoned => abandoned.IsCancellationRequested;

    /// <summary>When it came, as a timestamp; set by the queue.</summary>
    public long AddedAt { get; set; }

    /// <summary>How many times a device was lost while it computed this picture.</summary>
    public int Losses { get; set; }

    public void Done(string? reason) => Finish()(reason, null);

    public void Fail(Exception failure) => Finish()(null, failure);

    private Action<string?, Exception?> Finish() =>
        Interlocked.Exchange(ref _done, null) ?? throw new InvalidOperationException("a picture had its outcome already");
}
