namespace CpfPipeline.Ingest.Fetching;

/// <summary>Either an image's bytes or the reason why they could not be had.</summary>
internal sealed record FetchOutcome
{
    /// <summary>The bytes; null when refused.</summary>
    public byte[]? Bytes { get; private init; }

    /// <summary>Reason code; null when fetched.</summary>
    public string? Reason { get; private init; }

    /// <summary>What was wrong, for a person; no credentials and no query.</summary>
    public string? Detail { get; private init; }

    public static FetchOutcome Of(byte[] bytes) => new() { Bytes = bytes };

    public static FetchOutcome Refuse(string reason, string detail) => new() { Reason = reason, Detail = detail };
}
