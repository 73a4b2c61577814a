namespace CpfPipeline.Ingest.Images;

/// <summary>A row of the view <c>cpf.image_status</c>.</summary>
internal sealed record ImageStatus
{
    public required Guid ImageId { get; init; }

    public required string Source { get; init; }

    public required string ExternalId { get; init; }

    /// <summary>received, stored, rejected or retracted.</summary>
    public required string State { get; init; }

    /// <summary>received, stored, embedded, matched, pending, placeholder, rejected or retracted.</summary>
    public required string Status { get; init; }

    /// <summary>Reason code when rejected.</summary>
    public string? Reason { get; init; }

    public string? Detail { get; init; }

    public string? ProductKey { get; init; }

    public required string KeyScope { get; init; }

    public long? ContentId { get; init; }

    public long? GroupId { get; init; }

    /// <summary>Whether it was joined exactly against all others.</summary>
    public required bool Reconciled { get; init; }

    /// <summary>Null when a rejected image's revision could not be read.</summary>
    public long? Revision { get; init; }

    public required DateTimeOffset SubmittedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Revision of a newer update that failed while the older content stays live; null when it could not be read.</summary>
    public long? FailedRevision { get; init; }

    /// <summary>Reason code of the update that failed; null when none did.</summary>
    public string? FailedReason { get; init; }

    public string? FailedDetail { get; init; }

    public DateTimeOffset? FailedAt { get; init; }

    /// <summary>Whether a newer content was fetched and waits to be decoded.</summary>
    public required bool UpdateWaits { get; init; }
}
