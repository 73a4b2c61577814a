namespace CpfPipeline.Learning.Evaluation;

/// <summary>Pairwise precision and recall at a threshold.</summary>
public sealed record PrecisionRecallPoint(double Threshold, double Precision, double Recall);
