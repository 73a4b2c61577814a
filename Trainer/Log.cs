using CpfPipeline.Vision.Decoders;

namespace CpfPipeline.Trainer;

internal static partial class Log
{
    [LoggerMessage(4001, LogLevel.Information, "Model {ModelId} is active, threshold {Threshold}")]
    public static partial void ModelIsActive(ILogger logger, long modelId, double threshold);

    [LoggerMessage(4002, LogLevel.Information, "Preparing a model from {Backbone}")]
    public static partial void Preparing(ILogger logger, string backbone);

    [LoggerMessage(
        4003, LogLevel.Information, "Model {ModelId} registered, threshold {Threshold}; {Contents} contents are embedded under it")]
    public static partial void Registered(ILogger logger, long modelId, double threshold, int contents);

    [LoggerMessage(4004, LogLevel.Error, "The backbone cannot be used: {Reason}")]
    public static partial void BackboneUnusable(ILogger logger, string reason);

    [LoggerMessage(
        4006, LogLevel.Information,
        "Run {RunId} hands over to model {ModelId} on the configured backbone, threshold {Threshold}; model {ActiveModelId} serves "
        + "meanwhile")]
    public static partial void BackboneRun(ILogger logger, Guid runId, long modelId, double threshold, long activeModelId);

    [LoggerMessage(
        4007, LogLevel.Information,
        "The configured backbone is not the active model's; run {RunId} for it is {State}. When it has ended, activating model {ModelId} "
        + "tries again")]
    public static partial void BackboneRunKnown(ILogger logger, Guid runId, string state, long? modelId);

    [LoggerMessage(4008, LogLevel.Information, "A run is going on; after it the configured backbone has its turn")]
    public static partial void BackboneWaits(ILogger logger);

    [LoggerMessage(
        4009, LogLevel.Information,
        "Model {ModelId} was brought in, threshold {Threshold}; model {ActiveModelId} serves until it is ready")]
    public static partial void ModelImported(ILogger logger, long modelId, double threshold, long activeModelId);

    [LoggerMessage(4022, LogLevel.Information, "Nights begin at '{Schedule}' ({TimeZone})")]
    public static partial void Scheduled(ILogger logger, string schedule, string timeZone);

    [LoggerMessage(4023, LogLevel.Information, "No night is scheduled")]
    public static partial void NotScheduled(ILogger logger);

    [LoggerMessage(4025, LogLevel.Information, "No night begins: {Reason}")]
    public static partial void NightSkipped(ILogger logger, string reason);

    [LoggerMessage(4026, LogLevel.Warning, "Run {RunId} is not shown on the dashboard: {Reason}")]
    public static partial void NotShown(ILogger logger, Guid runId, string reason);

    [LoggerMessage(4028, LogLevel.Information, "Order {IdempotencyKey} by message: {Outcome}")]
    public static partial void OrderTaken(ILogger logger, string idempotencyKey, string outcome);

    [LoggerMessage(4029, LogLevel.Warning, "A process that decoded was replaced ({Reason}): {Detail}")]
    public static partial void DecoderLost(ILogger logger, DecoderLoss reason, string detail);

    [LoggerMessage(4033, LogLevel.Warning,
        "Strangers' pictures are decoded with fewer walls than there should be; missing: {Missing}. Trainer:RequireWalls refuses that")]
    public static partial void WallsMissing(ILogger logger, string missing);

    [LoggerMessage(4035, LogLevel.Information, "Removed old rows in {Milliseconds} ms: {Counts}")]
    public static partial void OldRowsRemoved(ILogger logger, string counts, long milliseconds);

    [LoggerMessage(4036, LogLevel.Information, "Old rows ({Kind}) are in use: they are removed another time")]
    public static partial void OldRowsInUse(ILogger logger, string kind);

    [LoggerMessage(4030, LogLevel.Information, "Drift: {Message}")]
    public static partial void NoDrift(ILogger logger, string message);

    [LoggerMessage(4031, LogLevel.Warning, "Drift: {Message}")]
    public static partial void Drift(ILogger logger, string message);
}
