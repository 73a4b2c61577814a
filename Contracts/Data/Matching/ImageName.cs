namespace CpfPipeline.Data.Matching;

/// <summary>What a source calls its image.</summary>
public sealed record ImageName(string Source, string ExternalId);
