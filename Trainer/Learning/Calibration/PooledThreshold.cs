namespace CpfPipeline.Learning.Calibration;

/// <summary>One threshold for several sets, each measured in one or more parts.</summary>
/// <param name="Threshold">tau, a similarity.</param>
/// <param name="F1">Mean over the sets, at the threshold.</param>
/// <param name="SetF1">Of each set at the threshold.</param>
/// <param name="SetBestF1">Of each set at a threshold of its own; what the common one costs it is the difference.</param>
/// <param name="Precision">Of all sets together, at the threshold.</param>
/// <param name="Reached">False: no threshold reaches the target precision with confidence, and this one comes nearest.</param>
public sealed record PooledThreshold(
    double Threshold, double F1, IReadOnlyList<double> SetF1, IReadOnlyList<double> SetBestF1, double Precision, bool Reached);
