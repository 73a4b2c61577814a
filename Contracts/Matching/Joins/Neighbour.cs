namespace CpfPipeline.Matching.Joins;

/// <summary>A content and its exact similarity to the one whose neighbour it is.</summary>
public readonly record struct Neighbour(long ContentId, double Similarity);
