namespace CpfPipeline.Trainer.Calibration;

/// <summary>One threshold and what it does on the pictures it was chosen on.</summary>
/// <param name="Threshold">tau, a similarity.</param>
/// <param name="F1">There, with the weight of negatives that was asked for.</param>
/// <param name="BestF1">The largest F1 of any threshold there.</param>
/// <param name="Precision">There.</param>
/// <param name="PrecisionLowerBound">95 % one-sided confidence bound of it, over classes.</param>
/// <param name="Recall">There.</param>
/// <param name="Reached">False: no threshold reaches the target precision with confidence, and this one comes nearest.</param>
internal sealed record CalibratedThreshold(
    double Threshold, double F1, double BestF1, double Precision, double PrecisionLowerBound, double Recall, bool Reached);
