namespace CpfPipeline.Matcher.Grouping;

/// <summary>Tells whether groups are being updated, so that background work can wait for a quiet moment.</summary>
internal sealed class MatcherActivity(TimeProvider time)
{
    private int _running;
    private long _lastTimestamp = time.GetTimestamp();

    /// <summary>Time since the last update ended; zero while one is running.</summary>
    public TimeSpan IdleFor => Volatile.Read(ref _running) > 0 ? TimeSpan.Zero : time.GetElapsedTime(Interlocked.Read(ref _lastTimestamp));

    /// <summary>Begins an update, which ends when the result is disposed.</summary>
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
