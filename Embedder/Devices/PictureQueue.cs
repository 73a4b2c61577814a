namespace CpfPipeline.Embedder.Devices;

/// <summary>
/// Pictures of one backbone that wait for a device. Every worker adds, every device takes: the free one takes next, so work is shared by
/// load. A batch is ready when it is full, or when its oldest picture has waited long enough.
/// </summary>
/// <param name="maxWait">How long a picture waits for others.</param>
/// <param name="time">Clock of that wait.</param>
internal sealed class PictureQueue(TimeSpan maxWait, TimeProvider time) : IDisposable
{
    private readonly object _gate = new(); // Threads of devices wait on it.
    private readonly LinkedList<DevicePicture> _waiting = [];
    private ITimer? _alarm;
    private bool _accepts = true;
    private bool _closed;

    /// <summary>Whether pictures are taken in.</summary>
    public bool Accepts
    {
        get
        {
            lock (_gate)
            {
                return _accepts && !_closed;
            }
        }
    }

    /// <returns>False when the queue takes none in: no device works.</returns>
    public bool TryAdd(DevicePicture picture)
    {
        lock (_gate)
        {
            if (!_accepts || _closed)
            {
                return false;
            }

            picture.AddedAt = time.GetTimestamp();
            _waiting.AddLast(picture);
            Monitor.PulseAll(_gate);
            return true;
        }
    }

    /// <summary>Puts pictures of a failed batch to the front again, in their order.</summary>
    public void PutBack(IReadOnlyList<DevicePicture> pictures)
    {
        lock (_gate)
        {
            for (var i = pictures.Count - 1; i >= 0; i--)
            {
                _waiting.AddFirst(pictures[i]);
            }

            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Blocks until a batch is ready. After the queue is closed it returns the rest without waiting.</summary>
    /// <param name="size">Maximum number of pictures.</param>
    /// <param name="batch">Emptied and filled, oldest first.</param>
    /// <returns>False when the queue is closed and empty.</returns>
    public bool Take(int size, List<DevicePicture> batch)
    {
        batch.Clear();
        lock (_gate)
        {
            while (!IsReady(size, out var left))
            {
                if (_closed)
                {
                    return false;
                }

                if (left is { } wait)
                {
                    SetAlarm(wait);
                }

                Monitor.Wait(_gate);
            }

            while (batch.Count < size && _waiting.First is { } first)
            {
                batch.Add(first.Value);
                _waiting.RemoveFirst();
            }
        }

        return true;
    }

    /// <summary>No device works: nothing more is taken in. Returns what waits.</summary>
    public IReadOnlyList<DevicePicture> Refuse()
    {
        lock (_gate)
        {
            _accepts = false;
            var left = _waiting.ToList();
            _waiting.Clear();
            return left;
        }
    }

    /// <summary>A device works again.</summary>
    public void Accept()
    {
        lock (_gate)
        {
            _accepts = true;
        }
    }

    /// <summary>Nothing more is taken in; what waits is still given out.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }

    public void Dispose() => _alarm?.Dispose();

    private bool IsReady(int size, out TimeSpan? left)
    {
        left = null;
        if (_waiting.First is not { } first)
        {
            return false;
        }

        var wait = maxWait - time.GetElapsedTime(first.Value.AddedAt);
        if (_closed || _waiting.Count >= size || first.Value.Losses > 0 || wait <= TimeSpan.Zero)
        {
            return true;
        }

        left = wait;
        return false;
    }

    private void SetAlarm(TimeSpan wait)
    {
        // Timers count whole milliseconds. Rounded down, they would ring early and have to be set again.
        var rounded = TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
        if (_alarm is null)
        {
            _alarm = time.CreateTimer(_ => Ring(), null, rounded, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _alarm.Change(rounded, Timeout.InfiniteTimeSpan);
        }
    }

    private void Ring()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }
}
