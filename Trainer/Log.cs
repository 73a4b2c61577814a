namespace CpfPipeline.Trainer;

internal static partial class Log
{
    [LoggerMessage(4001, LogLevel.Information, "Model {ModelId} is active, threshold {Threshold}")]
    public static partial void ModelIsActive(ILogger logger, long modelId, double threshold);

    [LoggerMessage(4002, LogLevel.Information, "Preparing a model from {Backbone}")]
    public static partial void Preparing(ILogger logger, string backbone);

    [LoggerMessage(4003, LogLevel.Information, "Model {ModelId} registered, threshold {Threshold}; {Contents} contents are embedded under it")]
    public static partial void Registered(ILogger logger, long modelId, double threshold, int contents);

    [LoggerMessage(4004, LogLevel.Error, "The backbone cannot be used: {Reason}")]
    public static partial void BackboneUnusable(ILogger logger, string reason);

    [LoggerMessage(4005, LogLevel.Warning, "The model could not be set up, trying again: {Reason}")]
    public static partial void SetupPostponed(ILogger logger, string reason);

    [LoggerMessage(4006, LogLevel.Information, "Run {RunId} hands over to model {ModelId} on the configured backbone, threshold {Threshold}; model {ActiveModelId} serves meanwhile")]
    public static partial void BackboneRun(ILogger logger, Guid runId, long modelId, double threshold, long activeModelId);

    [LoggerMessage(4007, LogLevel.Information, "The configured backbone is not the active model's; run {RunId} for it is {State}. When it has ended, activating model {ModelId} tries again")]
    public static partial void BackboneRunKnown(ILogger logger, Guid runId, string state, long? modelId);

    [LoggerMessage(4008, LogLevel.Information, "A run is going on; after it the configured backbone has its turn")]
    public static partial void BackboneWaits(ILogger logger);

    [LoggerMessage(4010, LogLevel.Information, "Run {RunId} ({Kind}) was asked for by {Trigger}")]
    public static partial void RunAdded(ILogger logger, Guid runId, string kind, string trigger);

    [LoggerMessage(4011, LogLevel.Information, "Driving run {RunId} ({Kind}) from step {Step}")]
    public static partial void RunDriven(ILogger logger, Guid runId, string kind, string step);

    [LoggerMessage(4012, LogLevel.Information, "Run {RunId} ({Kind}) is {State}: {Message}")]
    public static partial void RunEnded(ILogger logger, Guid runId, string kind, string state, string message);

    [LoggerMessage(4013, LogLevel.Error, "Run {RunId} failed")]
    public static partial void RunFailed(ILogger logger, Guid runId, Exception exception);

    [LoggerMessage(4014, LogLevel.Warning, "Runs are driven on in {Seconds} s: {Reason}")]
    public static partial void RunPostponed(ILogger logger, double seconds, string reason);

    [LoggerMessage(4015, LogLevel.Information, "Run {RunId}: model {ModelId} registered as a candidate, threshold {Threshold}, passed {Passed}")]
    public static partial void CandidateRegistered(ILogger logger, Guid runId, long modelId, double threshold, bool passed);

    [LoggerMessage(4016, LogLevel.Information, "Model {ModelId}: {Contents} contents embedded from stored features in {Seconds:0.0} s ({Rate:0} a second); {Refused} have no embedding")]
    public static partial void Backfilled(ILogger logger, long modelId, long contents, double seconds, double rate, int refused);

    [LoggerMessage(4017, LogLevel.Information, "Model {ModelId}: {Contents} contents sent to the Embedder for their features")]
    public static partial void BackfillSent(ILogger logger, long modelId, int contents);

    [LoggerMessage(4018, LogLevel.Warning, "Model {ModelId}: {Contents} contents get no feature under its backbone; going on without them")]
    public static partial void BackfillIncomplete(ILogger logger, long modelId, long contents);

    [LoggerMessage(4019, LogLevel.Information, "Vector index of head {HeadId} built over {Contents} contents in {Seconds:0.0} s")]
    public static partial void IndexBuilt(ILogger logger, long headId, long contents, double seconds);

    [LoggerMessage(4020, LogLevel.Information, "Model {ModelId} compared with {ActiveModelId}: {Contents} contents, churn {Churn:0.####}")]
    public static partial void Compared(ILogger logger, long modelId, long activeModelId, long contents, double churn);

    [LoggerMessage(4021, LogLevel.Information, "Dropped the embeddings of {Heads} heads and the features of {Backbones} backbones that no ready model uses")]
    public static partial void UnusedDropped(ILogger logger, int heads, int backbones);

    [LoggerMessage(4022, LogLevel.Information, "Nights begin at '{Schedule}' ({TimeZone})")]
    public static partial void Scheduled(ILogger logger, string schedule, string timeZone);

    [LoggerMessage(4023, LogLevel.Information, "No night is scheduled")]
    public static partial void NotScheduled(ILogger logger);

    [LoggerMessage(4024, LogLevel.Warning, "The schedule could not be stored, trying again: {Reason}")]
    public static partial void SchedulePostponed(ILogger logger, string reason);

    [LoggerMessage(4025, LogLevel.Information, "No night begins: {Reason}")]
    public static partial void NightSkipped(ILogger logger, string reason);

    [LoggerMessage(4026, LogLevel.Warning, "Run {RunId} is not shown on the dashboard: {Reason}")]
    public static partial void NotShown(ILogger logger, Guid runId, string reason);

    [LoggerMessage(4028, LogLevel.Information, "Order {IdempotencyKey} by message: {Outcome}")]
    public static partial void OrderTaken(ILogger logger, string idempotencyKey, string outcome);

    [LoggerMessage(4030, LogLevel.Information, "Drift: {Message}")]
    public static partial void NoDrift(ILogger logger, string message);

    [LoggerMessage(4031, LogLevel.Warning, "Drift: {Message}")]
    public static partial void Drift(ILogger logger, string message);
}
