namespace CpfPipeline.Ingest.Intake;

/// <summary>A submission or retraction as somebody sent it, unchecked.</summary>
internal sealed record Submission
{
    public string? Source { get; init; }

    public string? ExternalId { get; init; }

    public string? Uri { get; init; }

    public string? ProductKey { get; init; }

    public string? KeyScope { get; init; }

    public long? Revision { get; init; }

    /// <summary>What could not be understood of it, or null.</summary>
    public string? Problem { get; init; }
}
