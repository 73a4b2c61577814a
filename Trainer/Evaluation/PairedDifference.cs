namespace CpfPipeline.Trainer.Evaluation;

/// <summary>How much larger one figure is than another on the same classes, with the ends of its 95 % interval.</summary>
public sealed record PairedDifference(double Difference, double Low, double High);
