namespace CpfPipeline.Tests.Integration.Matcher.Samples;

/// <summary>A clock whose timers ring two hundred times as early: a wait of a minute is over in a third of a second.</summary>
internal sealed class FastClock : TimeProvider
{
    private const int Times = 200;

    /// <summary>The time that it tells; null: the real one.</summary>
    public DateTimeOffset? Now { get; set; }

    public override DateTimeOffset GetUtcNow() => Now ?? base.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / Times : dueTime, period);
}
