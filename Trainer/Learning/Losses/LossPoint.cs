namespace CpfPipeline.Learning.Losses;

/// <summary>Training progress at a step; the F1 is the best one on validation at one threshold, where it was measured.</summary>
public sealed record LossPoint(int Step, double Loss, double? ValidationF1);
