namespace CpfPipeline.Contracts;

/// <summary>
/// Command: embed a probe that was checked, under the active model. Expires when nobody can be waiting any more.
/// </summary>
/// <remarks>A repeat answers again and changes nothing. The broker drops one that is late.</remarks>
public sealed record EmbedProbe
{
    /// <summary>The probe: names its files in the blob store.</summary>
    public required Guid ProbeId { get; init; }
}
