namespace CpfPipeline.Learning.Evaluation;

/// <summary>Two contents by their ids, and how similar the model finds them.</summary>
public sealed record ContentPair(double Similarity, long ContentA, long ContentB);
