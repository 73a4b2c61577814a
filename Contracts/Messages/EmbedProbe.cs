namespace CpfPipeline.Contracts;

/// <summary>
/// Command: embed a probe that was checked, under the active model. Expires when nobody can be waiting any more.
/// </summary>
public sealed record EmbedProbe
{
    public required Guid ProbeId { get; init; }
}
