using CpfPipeline.Contracts;
using MassTransit;

namespace CpfPipeline.Ingest.Bus;

/// <summary><see cref="RetractImage"/> as it arrives, identified.</summary>
[MessageUrn("CpfPipeline.Contracts:RetractImage")]
[EntityName("CpfPipeline.Contracts:RetractImage")]
public sealed record IncomingRetraction
{
    public string? Source { get; init; }

    public string? ExternalId { get; init; }

    public long? Revision { get; init; }

    /// <summary>As in <see cref="IncomingSubmission.SentAtMilliseconds"/>.</summary>
    public long SentAtMilliseconds { get; init; }
}
