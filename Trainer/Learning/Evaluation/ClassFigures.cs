namespace CpfPipeline.Learning.Evaluation;

/// <summary>One class at the model's threshold. <paramref name="BestThreshold"/> is the one at which this class alone would have its best F1.</summary>
public sealed record ClassFigures(string Label, int Images, double Precision, double Recall, double F1, double BestThreshold);
