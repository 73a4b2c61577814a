namespace CpfPipeline.Nights.Handover;

/// <summary>Stored features of some contents.</summary>
/// <param name="ContentIds">The contents, in any order.</param>
/// <param name="Features"><c>[n,F]</c>, the stored halves.</param>
public sealed record FeatureChunk(long[] ContentIds, Half[] Features);
