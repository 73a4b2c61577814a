namespace CpfPipeline.Nights.Drift;

/// <summary>The active model, whose contents new ones are compared with.</summary>
/// <param name="ModelId">The model.</param>
/// <param name="HeadId">Its head.</param>
/// <param name="EmbeddingDim">Values of an embedding.</param>
/// <param name="ReportJson">What was measured of it.</param>
internal sealed record DriftReference(long ModelId, long HeadId, int EmbeddingDim, string ReportJson);
