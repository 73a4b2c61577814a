using NetVips;

namespace CpfPipeline.Vision.Decode;

/// <summary>Stops the rendering of one picture when its time is up.</summary>
internal sealed class Watchdog : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Image _image;
    private readonly ITimer _timer;
    private bool _disposed;

    public Watchdog(Image image, TimeSpan limit, TimeProvider time)
    {
        _image = image;
        _timer = time.CreateTimer(static w => ((Watchdog)w!).Fire(), this, limit, Timeout.InfiniteTimeSpan);
    }

    public bool Fired { get; private set; }

    public void Dispose()
    {
        // The image may be freed right after this: a timer that fires now must not touch it.
        lock (_lock)
        {
            _disposed = true;
        }

        _timer.Dispose();
    }

    private void Fire()
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                Fired = true;
                _image.SetKill(true);
            }
        }
    }
}
