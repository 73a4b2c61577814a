namespace CpfPipeline.Ingest.Pressure;

/// <summary>Work that was accepted and waits, and the room that is left for more.</summary>
/// <param name="OutboxMessages">Messages to be published, counted up to a little over the limit. Null: not known.</param>
/// <param name="QueuedImages">Submitted images that wait in the broker. Null: not known.</param>
/// <param name="FreeDiskShare">Least free share of the disks that are written to, 0 to 1. Null: not known.</param>
/// <param name="IsDatabaseSilent">Whether the database takes requests and does not answer them.</param>
/// <param name="IsDiskSilent">Whether a disk that answered before does not any more.</param>
internal sealed record IntakePressure(
    long? OutboxMessages, long? QueuedImages, double? FreeDiskShare, bool IsDatabaseSilent = false, bool IsDiskSilent = false)
{
    // What was exceeded is so until there is clearly room again. Else the door would open and close every second at the edge.
    private const double ReopenShare = 0.8;
    private const double ReopenDiskFactor = 1.2;

    /// <summary>Before the first look.</summary>
    public static IntakePressure Unknown { get; } = new(null, null, null);

    /// <summary>What is exceeded now. What is not known is as it was.</summary>
    /// <param name="before">What was exceeded until now.</param>
    /// <param name="options">The limits.</param>
    public IntakeLimit Exceeded(IntakeLimit before, IngestOptions options) =>
        (IsDiskFull(before, options) ? IntakeLimit.Disk : IntakeLimit.None)
        | (IsDatabaseSilent ? IntakeLimit.Database : IntakeLimit.None)
        | IsOver(OutboxMessages, options.MaxOutboxMessages, before & IntakeLimit.Outbox, IntakeLimit.Outbox)
        | IsOver(QueuedImages, options.MaxQueuedImages, before & IntakeLimit.Queue, IntakeLimit.Queue);

    private bool IsDiskFull(IntakeLimit before, IngestOptions options)
    {
        var was = before.HasFlag(IntakeLimit.Disk);
        return IsDiskSilent
            || (FreeDiskShare is { } free ? free < options.MinFreeDiskShare * (was ? ReopenDiskFactor : 1) : was);
    }

    private static IntakeLimit IsOver(long? count, long limit, IntakeLimit before, IntakeLimit flag) =>
        count is null ? before
        : count > (before == IntakeLimit.None ? limit : limit * ReopenShare) ? flag : IntakeLimit.None;
}
