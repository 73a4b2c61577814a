namespace CpfPipeline.Ingest.Pressure;

/// <summary>Work that was accepted and waits, and the room that is left for more.</summary>
/// <param name="OutboxMessages">
/// Messages to be published, counted up to a little over the limit. Null when the database does not answer.
/// </param>
/// <param name="QueuedImages">Submitted images that wait in the broker. Null when it does not answer.</param>
/// <param name="FreeDiskShare">Share of the disk of the pictures that is free, 0 to 1. Null when it cannot be told.</param>
internal sealed record IntakePressure(long? OutboxMessages, long? QueuedImages, double? FreeDiskShare)
{
    /// <summary>Before the first look.</summary>
    public static IntakePressure Unknown { get; } = new(null, null, null);

    /// <summary>Whether less of the disk is free than must stay so.</summary>
    public bool IsDiskFull(IngestOptions options) => FreeDiskShare < options.MinFreeDiskShare;

    /// <summary>Why nothing more is taken, in plain words; null when it is.</summary>
    public string? WhyNot(IngestOptions options) =>
        IsDiskFull(options)
            ? Text($"The disk of the pictures is nearly full: {FreeDiskShare:P1} are free, {options.MinFreeDiskShare:P1} must stay free.")
        : OutboxMessages > options.MaxOutboxMessages
            ? Text($"More than {options.MaxOutboxMessages} messages wait for the broker.")
        : QueuedImages > options.MaxQueuedImages
            ? Text($"{QueuedImages} submitted images wait to be fetched; the limit is {options.MaxQueuedImages}.")
        : null;

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
