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

    [LoggerMessage(EventId = 5010, Message = "The loop {Loop} failed and tries again in {Seconds} s")]
    public static partial void LoopFailed(ILogger logger, LogLevel level, Exception exception, string loop, double seconds);

    [LoggerMessage(5011, LogLevel.Warning, "The loop {Loop} failed as it did before and tries again in {Seconds} s: {Reason}")]
    public static partial void LoopFailedAgain(ILogger logger, string loop, double seconds, string reason);

    [LoggerMessage(5012, LogLevel.Information, "The loop {Loop} works again after {Failures} failures")]
    public static partial void LoopRecovered(ILogger logger, string loop, int failures);

    [LoggerMessage(5006, LogLevel.Warning, "{Count} outbox messages of type {Type} are left to a newer service: this one cannot read them")]
    public static partial void HeldBack(ILogger logger, long count, string type);

    [LoggerMessage(
        5008, LogLevel.Warning,
        "RabbitMQ refuses {Count} outbox messages of type {Type}; they are tried again, at least every ten minutes: {Reason}")]
    public static partial void Refused(ILogger logger, long count, string type, string reason);

    [LoggerMessage(5007, LogLevel.Warning, "{Warning}")]
    public static partial void ServerUnprotected(ILogger logger, string warning);

    [LoggerMessage(5005, LogLevel.Warning, "Has waited {Seconds} s for {Table}; database session {HolderPid} of {Holder} holds it")]
    public static partial void WaitsForLock(ILogger logger, string table, long seconds, int? holderPid, string? holder);

    [LoggerMessage(
        5020, LogLevel.Warning,
        "Whoever reaches this service may do this without signing in: {Roles} (Access:Anonymous). Let only a gateway reach it")]
    public static partial void AnonymousRoles(ILogger logger, string roles);

    [LoggerMessage(5021, LogLevel.Warning, "A refusal could not be written into the audit: {Reason}")]
    public static partial void AuditPostponed(ILogger logger, string reason);
}
