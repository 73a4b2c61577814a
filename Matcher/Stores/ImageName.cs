namespace CpfPipeline.Matcher.Stores;

/// <summary>What a source calls its image.</summary>
internal sealed record ImageName(string Source, string ExternalId);
