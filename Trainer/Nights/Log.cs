namespace CpfPipeline.Nights;

internal static partial class Log
{
    [LoggerMessage(4010, LogLevel.Information, "Run {RunId} ({Kind}) was asked for by {Trigger}")]
    public static partial void RunAdded(ILogger logger, Guid runId, string kind, string trigger);

    [LoggerMessage(4011, LogLevel.Information, "Driving run {RunId} ({Kind}) from step {Step}")]
    public static partial void RunDriven(ILogger logger, Guid runId, string kind, string step);

    [LoggerMessage(4012, LogLevel.Information, "Run {RunId} ({Kind}) is {State}: {Message}")]
    public static partial void RunEnded(ILogger logger, Guid runId, string kind, string state, string message);

    [LoggerMessage(4013, LogLevel.Error, "Run {RunId} failed")]
    public static partial void RunFailed(ILogger logger, Guid runId, Exception exception);

    [LoggerMessage(4014, LogLevel.Error, "Run {RunId} is given up after {Tries} tries: {Reason}")]
    public static partial void RunGivenUp(ILogger logger, Guid runId, int tries, string reason);

    [LoggerMessage(
        4015, LogLevel.Information, "Run {RunId}: model {ModelId} registered as a candidate, threshold {Threshold}, passed {Passed}")]
    public static partial void CandidateRegistered(ILogger logger, Guid runId, long modelId, double threshold, bool passed);

    [LoggerMessage(
        4016, LogLevel.Information,
        "Model {ModelId}: {Contents} contents embedded from stored features in {Seconds:0.0} s ({Rate:0} per second); {Refused} have no "
        + "embedding")]
    public static partial void Backfilled(ILogger logger, long modelId, long contents, double seconds, double rate, int refused);

    [LoggerMessage(4017, LogLevel.Information, "Model {ModelId}: {Contents} contents sent to the Embedder for their features")]
    public static partial void BackfillSent(ILogger logger, long modelId, int contents);

    [LoggerMessage(4018, LogLevel.Warning, "Model {ModelId}: {Contents} contents get no feature under its backbone; going on without them")]
    public static partial void BackfillIncomplete(ILogger logger, long modelId, long contents);

    [LoggerMessage(4019, LogLevel.Information, "Vector index of head {HeadId} built over {Contents} contents in {Seconds:0.0} s")]
    public static partial void IndexBuilt(ILogger logger, long headId, long contents, double seconds);

    [LoggerMessage(
        4034, LogLevel.Warning,
        "The vector index of head {HeadId} needs {NeededMegabytes} MiB, and Trainer:IndexMegabytes allows {AllowedMegabytes}: "
            + "it is built at some hundred rows a second")]
    public static partial void IndexMemoryIsShort(ILogger logger, long headId, int neededMegabytes, int allowedMegabytes);

    [LoggerMessage(4020, LogLevel.Information, "Model {ModelId} compared with {ActiveModelId}: {Contents} contents, churn {Churn:0.####}")]
    public static partial void Compared(ILogger logger, long modelId, long activeModelId, long contents, double churn);

    [LoggerMessage(4021, LogLevel.Information,
        "Dropped the embeddings of {Heads} heads and the features of {Backbones} backbones that no ready model uses")]
    public static partial void UnusedDropped(ILogger logger, int heads, int backbones);

    [LoggerMessage(4032, LogLevel.Error,
        "Run {RunId} ends, but model {ModelId} could not be stepped back or what it left could not be removed: {Reason}")]
    public static partial void RunNotClearedUp(ILogger logger, Guid runId, long? modelId, string reason);
}
