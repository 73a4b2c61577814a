namespace CpfPipeline.Trainer.Evaluation;

/// <summary>Two contents and their similarity; the smaller id first.</summary>
internal readonly record struct ScoredPair(double Similarity, long ContentA, long ContentB);
