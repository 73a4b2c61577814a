namespace CpfPipeline.Matcher.Probes;

/// <summary>A group of which pictures would be with a probe.</summary>
/// <param name="GroupId">Its id now.</param>
/// <param name="Size">Pictures in it now.</param>
/// <param name="Companions">How many of them would be in one group with the probe.</param>
public sealed record ProbeGroup(long GroupId, int Size, int Companions);
