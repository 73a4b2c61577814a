namespace CpfPipeline.Matcher;

/// <summary>Tells whether messages are being handled, so that what can wait does.</summary>
internal sealed class MatcherActivity(TimeProvider time)
{
    private int _running;
    private long _lastTimestamp = time.GetTimestamp();

    /// <summary>How long nothing has been done; zero while something is.</summary>
    public TimeSpan IdleFor => Volatile.Read(ref _running) > 0 ? TimeSpan.Zero : time.GetElapsedTime(Interlocked.Read(ref _lastTimestamp));

    /// <summary>Work, until disposed.</summary>
    public IDisposable Begin()
    {
        Interlocked.Increment(ref _running);
        return new Work(this);
    }

    private void End()
    {
        Interlocked.Exchange(ref _lastTimestamp, time.GetTimestamp());
        Interlocked.Decrement(ref _running);
    }

    private sealed class Work(MatcherActivity activity) : IDisposable
    {
        public void Dispose() => activity.End();
    }
}
