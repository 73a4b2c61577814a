namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Background;

/// <summary>No pause ends by itself.</summary>
internal sealed class StandingTime : TimeProvider
{
    private readonly TaskCompletionSource _paused = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A pause has begun.</summary>
    public Task Paused => _paused.Task;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _paused.TrySetResult();
        return System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
