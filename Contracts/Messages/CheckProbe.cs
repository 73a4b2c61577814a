namespace CpfPipeline.Contracts;

/// <summary>
/// Command: fetch a probe, or take the one that was received, and refuse what a submission would be refused for. A probe is a picture that
/// somebody compares with the catalogue and that does not become part of it. Expires when nobody can be waiting any more.
/// </summary>
/// <remarks>A repeat checks again and changes nothing. The broker drops one that is late.</remarks>
public sealed record CheckProbe
{
    /// <summary>The probe: names its files in the blob store.</summary>
    public required Guid ProbeId { get; init; }

    /// <summary>http or https; null when its bytes were received.</summary>
    public string? Uri { get; init; }
}
