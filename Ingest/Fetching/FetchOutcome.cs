using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>An image's bytes, or the reason why the fetch failed.</summary>
internal sealed record FetchOutcome
{
    /// <summary>The bytes; null when refused.</summary>
    public byte[]? Bytes { get; private init; }

    /// <summary>Reason code; null when fetched.</summary>
    public string? Reason { get; private init; }

    /// <summary>What was wrong, for a person; no credentials and no query.</summary>
    public string? Detail { get; private init; }

    /// <summary>Whether a later attempt may succeed.</summary>
    public bool MayRecover { get; private init; }

    /// <summary>The pause that the host asks for. Null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>Whether a request was sent at all. None is sent while the host is busy or has asked for a pause.</summary>
    public bool WasTried { get; private init; } = true;

    public static FetchOutcome Of(byte[] bytes) => new() { Bytes = bytes };

    public static FetchOutcome Refuse(string reason, string detail) => new() { Reason = reason, Detail = detail };

    /// <summary>A failure that may pass.</summary>
    public static FetchOutcome Fail(string reason, string detail, TimeSpan? retryAfter = null) =>
        new() { Reason = reason, Detail = detail, MayRecover = true, RetryAfter = retryAfter };

    /// <summary>The host was not asked.</summary>
    public static FetchOutcome Wait(TimeSpan retryAfter, string detail) => new()
    {
        Reason = RejectReasons.FetchFailed, Detail = detail, MayRecover = true, RetryAfter = retryAfter, WasTried = false,
    };
}
