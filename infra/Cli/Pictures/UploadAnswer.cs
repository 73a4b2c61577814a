namespace CpfPipeline.Cli.Pictures;

/// <summary>What Ingest answered to an upload.</summary>
internal sealed record UploadAnswer
{
    /// <summary>stored, rejected, or stale.</summary>
    public required string State { get; init; }

    public string? Reason { get; init; }

    public string? Detail { get; init; }
}
