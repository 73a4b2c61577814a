namespace CpfPipeline.Learning.Evaluation;

/// <summary>How well nearest neighbours find a query's class.</summary>
/// <param name="Queries">Members whose class has another member.</param>
/// <param name="RecallAt1">Share of queries whose nearest other picture has their class.</param>
/// <param name="MapAtR">Mean average precision at R.</param>
internal sealed record RetrievalFigures(int Queries, double RecallAt1, double MapAtR);
