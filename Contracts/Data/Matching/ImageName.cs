namespace CpfPipeline.Data;

/// <summary>What a source calls its image.</summary>
public sealed record ImageName(string Source, string ExternalId);
