namespace CpfPipeline.Cli.Pictures;

/// <summary>Where an image stands, as Ingest tells it.</summary>
internal sealed record PictureAnswer
{
    public required string Source { get; init; }

    public required string ExternalId { get; init; }

    /// <summary>received, stored, rejected or retracted.</summary>
    public required string State { get; init; }

    /// <summary>received, stored, embedded, matched, pending, placeholder, rejected or retracted.</summary>
    public required string Status { get; init; }

    public string? Reason { get; init; }

    public string? Detail { get; init; }

    public long? GroupId { get; init; }

    /// <summary>Reason code of a newer update that failed while the older content stays live.</summary>
    public string? FailedReason { get; init; }

    public string? FailedDetail { get; init; }
}
