namespace CpfPipeline.Matcher;

internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Information, "{Count} arrivals belong to a component too large to regroup at once: pending")]
    public static partial void Deferred(ILogger logger, int count);

    [LoggerMessage(3002, LogLevel.Information, "Reconciled {Contents} contents against {Gallery}: {Pairs} pairs, {Missed} missed, in {Milliseconds} ms")]
    public static partial void Reconciled(ILogger logger, long contents, long gallery, long pairs, long missed, long milliseconds);

    [LoggerMessage(3003, LogLevel.Warning, "Repair: {Arrivals} live contents had no group, {Departures} members were no longer live")]
    public static partial void Repaired(ILogger logger, int arrivals, int departures);

    [LoggerMessage(3004, LogLevel.Information, "Regrouped a component of {Contents} contents into {Groups} groups in {Milliseconds} ms")]
    public static partial void Regrouped(ILogger logger, int contents, int groups, long milliseconds);

    [LoggerMessage(3005, LogLevel.Information, "A component changed while it was regrouped: starting over")]
    public static partial void RegroupOvertaken(ILogger logger);

    [LoggerMessage(3006, LogLevel.Information, "Built the vector index of head {HeadId} in {Milliseconds} ms")]
    public static partial void Indexed(ILogger logger, long headId, long milliseconds);

    [LoggerMessage(3007, LogLevel.Warning, "Background work failed, trying again: {Reason}")]
    public static partial void BackgroundFailed(ILogger logger, string reason);

    [LoggerMessage(3008, LogLevel.Information, "Model {ModelId} is active: grouping {Contents} contents")]
    public static partial void Rebuilding(ILogger logger, long modelId, int contents);

    [LoggerMessage(3009, LogLevel.Information, "Grouped {Contents} contents into {Groups} groups under the shadow model {ModelId} in {Milliseconds} ms")]
    public static partial void GroupedShadow(ILogger logger, long modelId, int contents, int groups, long milliseconds);

    [LoggerMessage(3010, LogLevel.Information, "Model {ModelId} took over from {PreviousModelId} in {Milliseconds} ms: {Groups} groups differ")]
    public static partial void Activated(ILogger logger, long modelId, long previousModelId, int groups, long milliseconds);

    [LoggerMessage(3011, LogLevel.Information, "Model {ModelId} could not take over yet (attempt {Attempt}, {Milliseconds} ms): catching up again")]
    public static partial void ActivationPutOff(ILogger logger, long modelId, int attempt, long milliseconds);

    [LoggerMessage(3012, LogLevel.Error, "Model {ModelId} cannot be grouped: {Reason}")]
    public static partial void UnfitShadow(ILogger logger, long modelId, string reason);

    [LoggerMessage(3013, LogLevel.Warning, "Reconcile has waited for another one for {Seconds} s")]
    public static partial void WaitsForReconcile(ILogger logger, long seconds);
}
