namespace CpfPipeline.Ingest;

internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Debug, "Applied a batch of {Entries} entries: {Changed} images changed, {Rejected} of them rejected")]
    public static partial void BatchApplied(ILogger logger, int entries, int changed, int rejected);

    [LoggerMessage(1001, LogLevel.Debug, "Image {ImageId} of {Source} is rejected: {Reason}")]
    public static partial void ImageRejected(ILogger logger, Guid imageId, string source, string reason);

    [LoggerMessage(1002, LogLevel.Warning, "A message on {Queue} cannot be read and goes to the error queue: {Reason}")]
    public static partial void MessageUnreadable(ILogger logger, string queue, string reason);

    [LoggerMessage(1005, LogLevel.Warning, "The fetch of image {ImageId} was interrupted and will be tried again")]
    public static partial void FetchInterrupted(ILogger logger, Guid imageId, Exception exception);

    [LoggerMessage(1006, LogLevel.Error, "The fetch of image {ImageId} met a fault of this service, the {Attempts}. attempt")]
    public static partial void FetchFaulted(ILogger logger, Guid imageId, int attempts, Exception exception);

    [LoggerMessage(1007, LogLevel.Error, "The fetch of image {ImageId} could neither be applied nor rejected, and is given up")]
    public static partial void FetchDropped(ILogger logger, Guid imageId, Exception exception);

    [LoggerMessage(1008, LogLevel.Warning, "A file cannot be read")]
    public static partial void FileUnreadable(ILogger logger, Exception exception);

    [LoggerMessage(1009, LogLevel.Warning, "The file of feed {FeedId} cannot be read or written")]
    public static partial void FeedUnreadable(ILogger logger, long feedId, Exception exception);

    [LoggerMessage(1010, LogLevel.Information, "Feed {FeedId} of {Source}: reading {Format} from row {Row}")]
    public static partial void FeedStarted(ILogger logger, long feedId, string source, string format, long row);

    [LoggerMessage(1011, LogLevel.Information, "Feed {FeedId} of {Source}: {State} after {Rows} rows in {Milliseconds} ms. {Message}")]
    public static partial void FeedEnded(
        ILogger logger, long feedId, string source, string state, long rows, long milliseconds, string? message);

    [LoggerMessage(1012, LogLevel.Warning, "Feed {FeedId} of {Source} was interrupted and will be resumed: {Reason}")]
    public static partial void FeedInterrupted(ILogger logger, long feedId, string source, string reason, Exception? exception);

    [LoggerMessage(1013, LogLevel.Error, "Feed {FeedId} of {Source} met a fault of this service, {Faults} of {MaxFaults} in a row")]
    public static partial void FeedFaulted(ILogger logger, long feedId, string source, int faults, int maxFaults, Exception exception);

    [LoggerMessage(1014, LogLevel.Information,
        "Feed {FeedId} of {Source} was cancelled or is read elsewhere; this instance stops reading it")]
    public static partial void FeedTaken(ILogger logger, long feedId, string source);

    [LoggerMessage(1015, LogLevel.Information, "Schedule {Name} handed in feed {FeedId}")]
    public static partial void ScheduleRan(ILogger logger, string name, long feedId);

    [LoggerMessage(1016, LogLevel.Warning,
        "Schedule {Name} of {Source} is due and does not run: its key has ended, or nobody has put it again for long. Put it again")]
    public static partial void ScheduleEnded(ILogger logger, string name, string source);

    [LoggerMessage(1017, LogLevel.Error, "Schedule {Name} cannot be run; the others go on")]
    public static partial void ScheduleUnreadable(ILogger logger, string name, Exception exception);

    [LoggerMessage(1020, LogLevel.Information, "Erasure {ErasureId} ({Scope}) was requested: {Images} images were removed")]
    public static partial void ErasureRequested(ILogger logger, long erasureId, string scope, long images);

    [LoggerMessage(1021, LogLevel.Information, "Erasure {ErasureId} ({Scope}) is finished")]
    public static partial void Erased(ILogger logger, long erasureId, string scope);

    [LoggerMessage(1022, LogLevel.Warning, "Erasure {ErasureId} could not be continued, will try again: {Reason}")]
    public static partial void ErasurePostponed(ILogger logger, long erasureId, string reason);

    [LoggerMessage(1024, LogLevel.Information,
        "Collected {Contents} contents that no image refers to: {Features} features, {Embeddings} embeddings, {Matches} pairs")]
    public static partial void Collected(ILogger logger, long contents, long features, long embeddings, long matches);

    [LoggerMessage(1026, LogLevel.Information, "Removed {Blobs} blobs without a row")]
    public static partial void Swept(ILogger logger, long blobs);

    [LoggerMessage(1027, LogLevel.Warning, "Removed {Probes} pictures that somebody had compared and that a crash had left")]
    public static partial void ProbesSwept(ILogger logger, int probes);

    [LoggerMessage(1030, LogLevel.Warning, "No more is taken in: {Why}")]
    public static partial void IntakeClosed(ILogger logger, string why);

    [LoggerMessage(1031, LogLevel.Information, "More is taken in again")]
    public static partial void IntakeOpen(ILogger logger);

    [LoggerMessage(1032, LogLevel.Information, "Replay of {What} put back {PutBack} of {Chosen}")]
    public static partial void ReplayEnded(ILogger logger, string what, long putBack, long chosen);

    [LoggerMessage(1028, LogLevel.Warning,
        "Repeated {Erasures} erasures that the record has and the database did not know: it was restored from before them")]
    public static partial void ErasuresRepeated(ILogger logger, int erasures);

    [LoggerMessage(1029, LogLevel.Warning, "The record of erasures is not compared with the database yet, will try again: {Reason}")]
    public static partial void ErasuresNotRepeatedYet(ILogger logger, string reason);

    [LoggerMessage(1033, LogLevel.Warning, "A replay broke off; what was not put back is where it was")]
    public static partial void ReplayBroken(ILogger logger, Exception exception);

    [LoggerMessage(1034, LogLevel.Information, "Nobody listens to a replay any more")]
    public static partial void NobodyListens(ILogger logger);

    [LoggerMessage(1038, LogLevel.Warning,
        "Gave up {Submissions} submissions that nothing took in {Days} days: their commands were purged, or wait in a queue of failed "
            + "messages (infra/cpf replay). A restore would not send them again")]
    public static partial void SubmissionsGivenUp(ILogger logger, int submissions, int days);
}
