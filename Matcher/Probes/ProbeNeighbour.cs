namespace CpfPipeline.Matcher.Probes;

/// <summary>A member near a probe.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="Similarity">Exact similarity.</param>
/// <param name="GroupId">Its group.</param>
/// <param name="ComponentId">Its component.</param>
public sealed record ProbeNeighbour(long ContentId, double Similarity, long GroupId, long ComponentId);
