namespace CpfPipeline.Matcher;

internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Information, "{Count} arrivals are pending: their component is too large to regroup at once")]
    public static partial void Deferred(ILogger logger, int count);

    [LoggerMessage(
        3002, LogLevel.Information,
        "Reconciled {Contents} contents against {Gallery}: {Pairs} pairs, {Missed} missed, in {Milliseconds} ms")]
    public static partial void Reconciled(ILogger logger, long contents, long gallery, long pairs, long missed, long milliseconds);

    [LoggerMessage(
        3003, LogLevel.Warning, "Repaired the groups: {Arrivals} live contents had no group, {Departures} members were not live any more")]
    public static partial void Repaired(ILogger logger, int arrivals, int departures);

    [LoggerMessage(3004, LogLevel.Information, "Regrouped a component of {Contents} contents into {Groups} groups in {Milliseconds} ms")]
    public static partial void Regrouped(ILogger logger, int contents, int groups, long milliseconds);

    [LoggerMessage(3005, LogLevel.Information, "A component changed while it was regrouped: it is regrouped again")]
    public static partial void RegroupOvertaken(ILogger logger);

    [LoggerMessage(3006, LogLevel.Information, "Built the vector index of head {HeadId} in {Milliseconds} ms")]
    public static partial void Indexed(ILogger logger, long headId, long milliseconds);

    [LoggerMessage(
        3026, LogLevel.Warning,
        "The vector index of head {HeadId} needs {NeededMegabytes} MiB, and Matcher:IndexMegabytes allows {AllowedMegabytes}: "
            + "it is built at some hundred rows a second")]
    public static partial void IndexMemoryIsShort(ILogger logger, long headId, int neededMegabytes, int allowedMegabytes);

    [LoggerMessage(3008, LogLevel.Information, "Model {ModelId} is active: grouping {Contents} contents")]
    public static partial void Rebuilding(ILogger logger, long modelId, int contents);

    [LoggerMessage(
        3009, LogLevel.Information,
        "Grouped {Contents} contents into {Groups} groups under the shadow model {ModelId} in {Milliseconds} ms")]
    public static partial void GroupedShadow(ILogger logger, long modelId, int contents, int groups, long milliseconds);

    [LoggerMessage(
        3010, LogLevel.Information, "Model {ModelId} took over from {PreviousModelId} in {Milliseconds} ms: {Groups} groups differ")]
    public static partial void Activated(ILogger logger, long modelId, long previousModelId, int groups, long milliseconds);

    [LoggerMessage(
        3011, LogLevel.Information, "Model {ModelId} could not take over yet (attempt {Attempt}, {Milliseconds} ms): it catches up first")]
    public static partial void ActivationPutOff(ILogger logger, long modelId, int attempt, long milliseconds);

    [LoggerMessage(3012, LogLevel.Error, "Model {ModelId} cannot be grouped")]
    public static partial void UnfitShadow(ILogger logger, Exception exception, long modelId);

    [LoggerMessage(3013, LogLevel.Warning, "Reconcile has waited for another one for {Seconds} s")]
    public static partial void WaitsForReconcile(ILogger logger, long seconds);

    [LoggerMessage(3014, LogLevel.Warning, "A picture that was compared cannot be deleted yet; Ingest's sweep will: {Reason}")]
    public static partial void ProbeLeft(ILogger logger, string reason);

    [LoggerMessage(3020, LogLevel.Information, "Model {ModelId}: {Contents} contents are joined in {Tiles} tiles (join {JoinId})")]
    public static partial void JoinPlanned(ILogger logger, long modelId, int contents, int tiles, long joinId);

    [LoggerMessage(3021, LogLevel.Information, "Model {ModelId}: join {JoinId} goes on after {Done} of {Tiles} tiles")]
    public static partial void JoinResumed(ILogger logger, long modelId, long joinId, int done, int tiles);

    [LoggerMessage(
        3022, LogLevel.Warning, "Join {JoinId}: no tile was written for {Seconds} s and none waits in the queue: {Tiles} are sent again")]
    public static partial void TilesSentAgain(ILogger logger, long joinId, long seconds, int tiles);

    [LoggerMessage(3023, LogLevel.Debug, "Join {JoinId}: tile {Tile} of {Tiles} with {Edges} edges took {Milliseconds} ms")]
    public static partial void TileWritten(ILogger logger, long joinId, int tile, int tiles, int edges, long milliseconds);

    [LoggerMessage(3024, LogLevel.Error, "Join {JoinId}: tile {Tile} cannot be computed")]
    public static partial void UnfitTile(ILogger logger, Exception exception, long joinId, int tile);
}
