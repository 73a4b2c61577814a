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
}
