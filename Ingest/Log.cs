namespace CpfPipeline.Ingest;

internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Debug, "Applied a batch of {Entries} entries: {Changed} images changed, {Rejected} of them rejected")]
    public static partial void BatchApplied(ILogger logger, int entries, int changed, int rejected);

    [LoggerMessage(1001, LogLevel.Debug, "Image {ImageId} of {Source} is rejected: {Reason}")]
    public static partial void ImageRejected(ILogger logger, Guid imageId, string source, string reason);

    [LoggerMessage(1002, LogLevel.Warning, "A message on {Queue} is not a submission and goes to the error queue: {Reason}")]
    public static partial void MessageUnreadable(ILogger logger, string queue, string reason);

    [LoggerMessage(1003, LogLevel.Warning, "The broker does not answer; {Count} messages are left to the outbox")]
    public static partial void DispatchLeft(ILogger logger, int count);

    [LoggerMessage(1010, LogLevel.Information, "Feed {FeedId} of {Source}: reading {Format} from row {Row}")]
    public static partial void FeedStarted(ILogger logger, long feedId, string source, string format, long row);

    [LoggerMessage(1011, LogLevel.Information, "Feed {FeedId} of {Source}: {State} after {Rows} rows in {Milliseconds} ms. {Message}")]
    public static partial void FeedEnded(ILogger logger, long feedId, string source, string state, long rows, long milliseconds, string? message);

    [LoggerMessage(1012, LogLevel.Warning, "Feed {FeedId} of {Source} is left to be resumed: {Reason}")]
    public static partial void FeedInterrupted(ILogger logger, long feedId, string source, string reason);

    [LoggerMessage(1013, LogLevel.Warning, "Feeds cannot be looked up, trying again: {Reason}")]
    public static partial void FeedsUnavailable(ILogger logger, string reason);

    [LoggerMessage(1014, LogLevel.Information, "Feed {FeedId} of {Source} was cancelled or is read elsewhere; this instance stops reading it")]
    public static partial void FeedTaken(ILogger logger, long feedId, string source);
}
