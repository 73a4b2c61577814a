using CpfPipeline.Vocabulary;

namespace CpfPipeline.Contracts;

/// <summary>Event: an image cannot be used; its batch went on.</summary>
/// <remarks>May come twice and out of order: the revision tells which one is newer.</remarks>
public sealed record ImageRejected
{
    /// <summary>UUID v5 of source and external id.</summary>
    public required Guid ImageId { get; init; }

    /// <summary>The feed or seller.</summary>
    public required string Source { get; init; }

    /// <summary>The source's own name of the image.</summary>
    public required string ExternalId { get; init; }

    /// <summary>The revision that was rejected; 0 when it could not be read.</summary>
    public required long Revision { get; init; }

    /// <summary>One of <see cref="RejectReasons"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>What was wrong, for a person.</summary>
    public string? Detail { get; init; }
}
