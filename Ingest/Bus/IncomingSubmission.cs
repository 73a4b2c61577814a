using CpfPipeline.Contracts;
using MassTransit;

namespace CpfPipeline.Ingest.Bus;

/// <summary>
/// <see cref="SubmitImage"/> as it arrives, identified but otherwise unchecked: foreign producers leave fields out, and a
/// record with required members could not be read then.
/// </summary>
[MessageUrn("CpfPipeline.Contracts:SubmitImage")]
[EntityName("CpfPipeline.Contracts:SubmitImage")]
public sealed record IncomingSubmission
{
    public string? Source { get; init; }

    public string? ExternalId { get; init; }

    public string? Uri { get; init; }

    public string? ProductKey { get; init; }

    public string? KeyScope { get; init; }

    public long? Revision { get; init; }

    /// <summary>What could not be understood of it, or null.</summary>
    public string? Problem { get; init; }

    /// <summary>Revision when it carries none: the time of sending when known, else of receipt, Unix milliseconds.</summary>
    public long SentAtMilliseconds { get; init; }
}
