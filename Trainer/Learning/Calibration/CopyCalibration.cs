namespace CpfPipeline.Learning.Calibration;

/// <summary>A threshold measured on edited copies, and what it does there.</summary>
/// <param name="Threshold">The similarity at or above which two contents match.</param>
/// <param name="F1">Pairwise F1 at the threshold.</param>
/// <param name="Precision">Share of the links that join a picture and its copy.</param>
/// <param name="Recall">Share of the copies linked to their picture.</param>
/// <param name="Pictures">Pictures that were copied.</param>
/// <param name="Copies">Copies made of them.</param>
/// <param name="Gallery">All pictures they were compared with, themselves included.</param>
public sealed record CopyCalibration(
    double Threshold, double F1, double Precision, double Recall, int Pictures, int Copies, int Gallery);
