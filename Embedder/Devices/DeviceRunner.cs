namespace CpfPipeline.Embedder.Devices;

/// <summary>
/// One device's thread. It takes batches, halves those that do not fit into memory, and opens the device again when it is lost; the
/// pictures of the lost batch go back to the front of the queue, for whichever device is free first.
/// </summary>
internal sealed class DeviceRunner(
    DeviceSlot slot, DeviceGroup group, PictureQueue queue, int featureDim, int batchSize, EmbedderMetrics metrics, TimeProvider time,
    ILogger logger, CancellationToken closing)
{
    private readonly BatchLimit _limit = new(batchSize);
    private readonly LossCount _losses = new();
    private readonly Half[] _features = new Half[batchSize * featureDim];
    private readonly string?[] _reasons = new string?[batchSize];
    private IInferenceDevice? _device = slot.Device;
    private int _lossesInAll;
    private int _tooLargeInARow;
    private volatile string? _lastLoss;
    private volatile DeviceState _state = DeviceState.Running;

    public DeviceState State => _state;

    public DeviceReport Report => new(
        slot.Name, _state.ToString().ToLowerInvariant(), _limit.Current, _lossesInAll, _lastLoss);

    /// <summary>Works until the queue is closed and empty. Throws nothing that a picture or the device did.</summary>
    public void Work()
    {
        var batch = new List<DevicePicture>();
        while (true)
        {
            if (_device is null && !closing.IsCancellationRequested)
            {
                Restart();
            }
            else if (!queue.Take(_limit.Current, batch))
            {
                break;
            }
            else if (_device is null)
            {
                batch.ForEach(group.RunOnCpu);
            }
            else
            {
                Run(batch);
            }
        }

        _device?.Dispose();
    }

    private void Run(List<DevicePicture> batch)
    {
        batch.RemoveAll(FailIfAbandoned);
        for (var first = 0; first < batch.Count;)
        {
            var run = batch.GetRange(first, Math.Min(_limit.Current, batch.Count - first));
            try
            {
                _device!.Run([.. run.Select(p => p.Pixels)], _limit.Current, _features, _reasons);
            }
            catch (DeviceMemoryException e)
            {
                if (Halve(e))
                {
                    continue;
                }

                // The picture is not at fault: something else may hold the device's memory, and none would fit.
                group.RunOnCpu(run[0]);
                first++;
                if (++_tooLargeInARow < LossCount.Max)
                {
                    continue;
                }

                _tooLargeInARow = 0;
                Lose(
                    new DeviceLostException($"not even one picture fits: {e.Message}", e),
                    batch.GetRange(first, batch.Count - first));
                return;
            }
            catch (DeviceLostException e)
            {
                run.ForEach(p => p.Losses++);
                Lose(e, batch.GetRange(first, batch.Count - first));
                return;
            }
            catch (Exception e)
            {
                // The fault is in the graph or a picture, not in the device.
                run.ForEach(p => p.Fail(e));
                first += run.Count;
                continue;
            }

            metrics.DeviceRan(slot.Name, run.Count);
            _limit.Fitted();
            _losses.Worked();
            _tooLargeInARow = 0;
            Deliver(run);
            first += run.Count;
        }
    }

    // The token may be cancelled at any time, also by the outcome of another picture: it is asked once.
    private static bool FailIfAbandoned(DevicePicture picture)
    {
        if (!picture.IsAbandoned)
        {
            return false;
        }

        picture.Fail(new OperationCanceledException());
        return true;
    }

    private void Deliver(List<DevicePicture> run)
    {
        for (var i = 0; i < run.Count; i++)
        {
            _features.AsSpan(i * featureDim, featureDim).CopyTo(run[i].Feature.Span);
            run[i].Done(_reasons[i]);
        }
    }

    /// <summary>False when the run was of one picture.</summary>
    private bool Halve(DeviceMemoryException failure)
    {
        metrics.DeviceFailed(slot.Name, "memory");
        var rows = _limit.Current;
        if (!_limit.Halve())
        {
            return false;
        }

        Log.BatchHalved(logger, slot.Name, rows, _limit.Current, failure.Message);
        return true;
    }

    private void Lose(DeviceLostException failure, List<DevicePicture> pictures)
    {
        // What has cost the device several times is the CPU's: another device might be lost to it as well.
        queue.PutBack([.. pictures.Where(p => p.Losses < LossCount.Max)]);
        _device!.Dispose();
        _device = null;
        NoteLoss(failure.Message);
        pictures.Where(p => p.Losses >= LossCount.Max).ToList().ForEach(group.RunOnCpu);
    }

    private void Restart()
    {
        try
        {
            Task.Delay(_losses.Pause, time, closing).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            return;
        }

        IInferenceDevice? device = null;
        try
        {
            device = slot.Open();
            device.Run([], _limit.Current, [], []); // Opening alone proves little.
        }
        catch (Exception e)
        {
            // Whatever it was, the device is not there yet.
            device?.Dispose();
            if (e is DeviceMemoryException)
            {
                _limit.Halve();
            }

            NoteLoss(e.Message);
            return;
        }

        _device = device;
        _state = DeviceState.Running;
        Log.DeviceRestarted(logger, slot.Name);
        group.StateChanged();
    }

    private void NoteLoss(string why)
    {
        metrics.DeviceFailed(slot.Name, "lost");
        _losses.Lost();
        _lossesInAll++;
        _lastLoss = why;
        _state = _losses.IsGivenUp ? DeviceState.Lost : DeviceState.Restarting;
        Log.DeviceLost(logger, slot.Name, _losses.InARow, _losses.Pause, why);
        group.StateChanged();
    }
}
