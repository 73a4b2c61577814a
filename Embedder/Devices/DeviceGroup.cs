using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Embedder.Devices;

/// <summary>
/// The devices that run one backbone, one thread each, around one queue. While none of them works the CPU does their pictures, and
/// devices are tried again at intervals.
/// </summary>
internal sealed class DeviceGroup : IDisposable
{
    private readonly PictureQueue _queue;
    private readonly DeviceRunner[] _runners;
    private readonly Thread[] _threads;
    private readonly CancellationTokenSource _closing = new();
    private readonly EmbedderMetrics _metrics;
    private readonly ILogger _logger;
    private readonly string _provider;
    private readonly Func<IInferenceDevice> _openCpu;
    private readonly Lock _cpuGate = new();
    private readonly Lock _stateGate = new();
    private IInferenceDevice? _cpu;

    /// <param name="devices">At least one; disposed with the group.</param>
    /// <param name="openCpu">The backbone on the CPU, opened when it is needed first and disposed with the group.</param>
    /// <param name="size">What the backbone takes and gives.</param>
    /// <param name="settings">How batches are formed.</param>
    /// <param name="metrics">Counts runs and failures.</param>
    /// <param name="time">Clock of waits and restarts.</param>
    /// <param name="logger">Told of losses.</param>
    public DeviceGroup(
        IReadOnlyList<DeviceSlot> devices, Func<IInferenceDevice> openCpu, DeviceRowSize size, DeviceBatching settings,
        EmbedderMetrics metrics, TimeProvider time, ILogger logger)
    {
        (_openCpu, _metrics, _logger, _provider) = (openCpu, metrics, logger, settings.Provider);
        _queue = new PictureQueue(settings.MaxWait, time);
        // One batch in the device, one that fills, and a row in the hands of every worker.
        Rows = new PixelRows(size.Pixels, (devices.Count * settings.Size * 2) + settings.Workers);
        _runners = [.. devices.Select(slot => new DeviceRunner(
            slot, this, _queue, size.Feature, settings.Size, metrics, time, logger, _closing.Token))];
        _threads = [.. _runners.Select((runner, i) => new Thread(runner.Work) { Name = devices[i].Name, IsBackground = true })];
        Array.ForEach(_threads, thread => thread.Start());
    }

    /// <summary>Memory for the pictures that are handed in.</summary>
    public PixelRows Rows { get; }

    /// <summary>Whether a device works, or is about to work again.</summary>
    public bool Works => _queue.Accepts;

    /// <summary>Why no device works, in one line; null while one does.</summary>
    public string? WhyNone => Works ? null
        : $"{string.Join("; ", _runners.Select(r => r.Report.LastLoss))}; the CPU has taken over, and devices are tried again";

    public IReadOnlyList<DeviceReport> Report() => [.. _runners.Select(r => r.Report)];

    /// <summary>Hands in a decoded picture; it gets its outcome from any thread, or at once from this one when no device works.</summary>
    public void Add(DevicePicture picture)
    {
        if (!_queue.TryAdd(picture))
        {
            RunOnCpu(picture);
        }
    }

    /// <summary>Computes a picture without a device. Throws nothing: a failure is the picture's.</summary>
    public void RunOnCpu(DevicePicture picture)
    {
        var reason = new string?[1];
        try
        {
            lock (_cpuGate)
            {
                _cpu ??= _openCpu();
                _cpu.Run([picture.Pixels], 1, picture.Feature.Span, reason);
            }
        }
        catch (Exception e)
        {
            picture.Fail(e);
            return;
        }

        picture.Done(reason[0]);
    }

    /// <summary>A runner's device was lost, or works again.</summary>
    public void StateChanged()
    {
        IReadOnlyList<DevicePicture> left = [];
        lock (_stateGate)
        {
            var works = _runners.Any(r => r.State != DeviceState.Lost);
            if (works == _queue.Accepts)
            {
                return;
            }

            if (works)
            {
                _queue.Accept();
            }
            else
            {
                left = _queue.Refuse();
                Log.CpuTakesOver(_logger, left.Count);
            }

            _metrics.RunsOn(works ? _provider : ExecutionProvider.Cpu);
        }

        foreach (var picture in left)
        {
            RunOnCpu(picture);
        }
    }

    /// <summary>Ends when every picture that was handed in has its outcome.</summary>
    public void Dispose()
    {
        _queue.Close();
        _closing.Cancel();
        Array.ForEach(_threads, thread => thread.Join());
        _cpu?.Dispose();
        _queue.Dispose();
        Rows.Dispose();
        _closing.Dispose();
    }
}
