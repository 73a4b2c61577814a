using System.Collections.Concurrent;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Background;

/// <summary>Every pause ends at once, and is written down. Time passes only by <see cref="Advance"/>, beside the clock's own.</summary>
internal sealed class InstantTime : TimeProvider
{
    private long _ahead;

    public ConcurrentQueue<TimeSpan> Pauses { get; } = [];

    public override long GetTimestamp() => System.GetTimestamp() + Interlocked.Read(ref _ahead);

    public void Advance(TimeSpan span) => Interlocked.Add(ref _ahead, (long)(span.TotalSeconds * TimestampFrequency));

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Pauses.Enqueue(dueTime);
        return System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
