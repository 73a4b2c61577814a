using CpfPipeline.Learning.Evaluation;

namespace CpfPipeline.Learning.Calibration;

/// <summary>Pairs of one part of a set, counted over thresholds.</summary>
/// <param name="Curve">Of all classes.</param>
/// <param name="Classes">Of each class; null when no precision is asked for.</param>
public sealed record MeasuredPart(PairCurve Curve, ClassCurves? Classes)
{
    /// <summary>Counts a set.</summary>
    /// <param name="set">Validation pictures as members, what else they are compared with as gallery.</param>
    /// <param name="wrongPairsPerPicture">How many pairs of two classes there are for each member; see <see cref="WeightFor"/>.</param>
    /// <param name="perClass">Also counts classes separately.</param>
    /// <param name="seed">Of samples in sets of over 20,000 rows; the outcome hardly depends on it.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public static MeasuredPart Of(
        EvaluationSet set, double wrongPairsPerPicture, bool perClass, int seed, CancellationToken cancellationToken)
    {
        var weight = WeightFor(set, wrongPairsPerPicture);
        var density = SimilarityDensity.Measure(NegativeSample.Of(set, seed), cancellationToken);
        var curve = PairCurve.Measure(set, density, weight, cancellationToken);
        return new MeasuredPart(curve, perClass && curve.Count > 0 ? ClassCurves.Measure(set, curve, cancellationToken) : null);
    }

    /// <summary>The weight with which a set stands for one where there are so many pairs of two classes for each member.</summary>
    /// <param name="set">What is measured.</param>
    /// <param name="wrongPairsPerPicture">
    /// About n / 2 over all unordered pairs of a split of n pictures; G in a catalogue where each query meets G others.
    /// </param>
    internal static double WeightFor(EvaluationSet set, double wrongPairsPerPicture)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(wrongPairsPerPicture);
        return wrongPairsPerPicture * set.Members.Count / Math.Max(1, set.AllPairs - set.PositivePairs);
    }

    /// <summary>
    /// Right pairs, and weighted wrong ones, at or above a threshold; wrong pairs between two counted thresholds are spread evenly.
    /// </summary>
    public (double Right, double Wrong) At(double threshold)
    {
        // The last index whose threshold is at or above the one asked for; thresholds fall.
        var (low, high) = (0, Curve.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Curve.Threshold(middle) >= threshold ? (middle + 1, high) : (low, middle);
        }

        var i = low - 1;
        if (i < 0)
        {
            return (0, 0);
        }

        double wrong = Curve.FalsePositives(i);
        if (low < Curve.Count)
        {
            var part = (Curve.Threshold(i) - threshold) / (Curve.Threshold(i) - Curve.Threshold(low));
            wrong += part * (Curve.FalsePositives(low) - Curve.FalsePositives(i));
        }

        return (Curve.TruePositives(i), wrong * Curve.NegativeWeight);
    }

    /// <summary>Right pairs and all weighted pairs at or above a threshold, for each class.</summary>
    public IEnumerable<(double Right, double All)> ClassesAt(double threshold)
    {
        if (Classes is not { } classes)
        {
            yield break;
        }

        var i = 0;
        while (i + 1 < ClassCurves.Thresholds && classes.Threshold(i + 1) <= threshold)
        {
            i++;
        }

        for (var c = 0; c < classes.ClassCount; c++)
        {
            double right = classes.TruePositives(c, i);
            yield return (
                right, right + (Curve.NegativeWeight * ((classes.FalsePositives(c, i) / 2.0) + classes.GalleryFalsePositives(c, i))));
        }
    }
}
