using MassTransit;

namespace CpfPipeline.Ingest.Submissions;

/// <summary><see cref="Contracts.RetractImage"/> as it arrives; source and external id have been checked.</summary>
[MessageUrn("CpfPipeline.Contracts:RetractImage")]
[EntityName("CpfPipeline.Contracts:RetractImage")]
public sealed record Retraction
{
    public required string Source { get; init; }

    public required string ExternalId { get; init; }

    public required long Revision { get; init; }
}
