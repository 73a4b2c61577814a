namespace CpfPipeline.Learning.Evaluation;

/// <summary>How much larger one figure is than another on the same classes, with the ends of its 95 % interval.</summary>
/// <param name="Difference">On the classes as they are.</param>
/// <param name="Low">2.5 % of the draws lie below.</param>
/// <param name="High">2.5 % of the draws lie above.</param>
/// <param name="ShareBelow">Share of the draws in which it is smaller by more than the margin asked about.</param>
public sealed record PairedDifference(double Difference, double Low, double High, double ShareBelow = 0);
