namespace CpfPipeline.Learning.Evaluation;

/// <summary>Two contents and their similarity; the smaller id first.</summary>
public readonly record struct ScoredPair(double Similarity, long ContentA, long ContentB);
