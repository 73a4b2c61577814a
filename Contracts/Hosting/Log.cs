using Microsoft.Extensions.Logging;

namespace CpfPipeline.Hosting;

internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Warning, "RabbitMQ at {Host}:{Port} is not reached yet: {Reason}")]
    public static partial void BrokerNotReached(ILogger logger, string host, int port, string reason);

    [LoggerMessage(5002, LogLevel.Warning, "{Count} outbox messages will be published later: {Reason}")]
    public static partial void DispatchPostponed(ILogger logger, int count, string reason);

    [LoggerMessage(5003, LogLevel.Information, "Published {Count} outbox messages that were left behind")]
    public static partial void Swept(ILogger logger, int count);

    [LoggerMessage(5004, LogLevel.Warning, "The outbox could not be swept, trying again: {Reason}")]
    public static partial void SweepPostponed(ILogger logger, string reason);

    [LoggerMessage(5006, LogLevel.Warning, "{Count} outbox messages of type {Type} are left to a newer service: this one cannot read them")]
    public static partial void HeldBack(ILogger logger, long count, string type);

    [LoggerMessage(5005, LogLevel.Warning, "Waits for {Table} since {Seconds} s; database session {HolderPid} of {Holder} holds it")]
    public static partial void WaitsForLock(ILogger logger, string table, long seconds, int? holderPid, string? holder);
}
