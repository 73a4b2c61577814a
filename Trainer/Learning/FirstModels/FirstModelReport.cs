using CpfPipeline.Learning.Calibration;

namespace CpfPipeline.Learning.FirstModels;

/// <summary>The report of a model for edited copies.</summary>
/// <param name="Threshold">tau, a similarity.</param>
/// <param name="Report">How it was measured.</param>
/// <param name="Provenance">What the model is, for a person.</param>
internal sealed record FirstModelReport(double Threshold, FirstModelReport.MeasuredOnCopies Report, string Provenance)
{
    /// <param name="Kind">Always <c>edited-copies</c>: nothing is known yet about different photographs of one product.</param>
    /// <param name="Precision">What the threshold was to reach.</param>
    /// <param name="Calibration">On the pictures the threshold was chosen on.</param>
    /// <param name="HeldOut">The same threshold on pictures that took no part; null when there are none.</param>
    /// <param name="AlsoFitted">The same threshold on pictures of the folders that only fitted the head.</param>
    /// <param name="FittedPictures">Pictures the head was fitted to; 0 for the identity head.</param>
    /// <param name="Seed">Seed of the edits.</param>
    /// <param name="BackboneSha256">Of the backbone's file, hexadecimal.</param>
    public sealed record MeasuredOnCopies(
        string Kind, double Precision, CopyCalibration Calibration, CopyCalibration? HeldOut, IReadOnlyList<CopyCalibration> AlsoFitted,
        int FittedPictures, int Seed, string BackboneSha256);
}
