namespace CpfPipeline.Ingest.Replays;

/// <summary>A message that could not be handled, with what the broker and MassTransit noted beside it.</summary>
/// <param name="Queue">Where it lies: an <c>_error</c> or <c>_skipped</c> queue, or the queue of dead letters.</param>
/// <param name="Target">The queue that it came from and goes back to; null when that is not known, or is no queue of the pipeline.</param>
/// <param name="Message">Name of the message record.</param>
/// <param name="Reason">
/// Type of the exception; <c>skipped</c> when no consumer takes such a message; for dead letters the broker's reason: <c>delivery_limit</c>
/// (its consumer's process died every time), <c>expired</c>.
/// </param>
/// <param name="Detail">The exception's message, or how often it was delivered; null when nothing is known.</param>
/// <param name="Source">The source of the image that it is about; null when it is about none.</param>
/// <param name="FailedAt">When; null when nothing says so.</param>
/// <param name="Replays">How often it was put back before.</param>
internal sealed record FailedMessage(
    string Queue, string? Target, string Message, string Reason, string? Detail, string? Source, DateTimeOffset? FailedAt, long Replays)
{
    /// <summary>Reason of a request that nobody waited for any more.</summary>
    public const string Expired = "expired";

    /// <summary>Reason of a message that no consumer takes.</summary>
    public const string Skipped = "skipped";
}
