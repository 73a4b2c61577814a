namespace CpfPipeline.Tests.Integration.Contracts.Hosting.Access.Samples;

/// <summary>A clock that the test sets forward. Its timers are the system's.</summary>
internal sealed class SetClock : TimeProvider
{
    private TimeSpan _ahead;

    public void Forward(TimeSpan by) => _ahead += by;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _ahead;

    public override long GetTimestamp() => base.GetTimestamp() + (long)(_ahead.TotalSeconds * TimestampFrequency);
}
