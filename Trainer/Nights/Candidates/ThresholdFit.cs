using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Nights.TrainingSets;

namespace CpfPipeline.Nights.Candidates;

/// <summary>
/// Chooses the threshold of an existing head as that of a trained head is chosen: on the validation classes, at catalogue density.
/// </summary>
internal static class ThresholdFit
{
    /// <param name="set">The training set.</param>
    /// <param name="embeddings">Its rows under the head.</param>
    /// <param name="target">What the threshold is for.</param>
    /// <param name="seed">Of samples.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    /// <exception cref="TooLittleDataException">No validation class has a pair.</exception>
    public static PooledThreshold Choose(
        TrainingSet set, ContentVectors embeddings, CalibrationTarget target, int seed, CancellationToken cancellationToken)
    {
        var compared = ComparedContents.ForValidation(set, _ => true).Under(embeddings);
        return PooledCalibration.Choose(
            [[MeasuredPart.Of(compared, set.CatalogueSize, target.Precision is not null, seed, cancellationToken)]], target);
    }
}
