namespace CpfPipeline.Matcher.Pages.Pictures;

/// <summary>Another picture and the similarity to it.</summary>
/// <param name="ContentId">The other picture.</param>
/// <param name="Similarity">Exact similarity of the stored embeddings.</param>
public sealed record Likeness(long ContentId, double Similarity);
