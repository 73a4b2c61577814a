using CpfPipeline.Trainer.Evaluation;

namespace CpfPipeline.Trainer.Calibration;

/// <summary>
/// Chooses the one threshold from validation classes. A query's right pairs lie within its class; its wrong pairs are with everything else in the set: other
/// validation pictures and the gallery.
/// </summary>
/// <remarks>
/// <para>Density. The set's gallery decides what the threshold is good for. With train pictures and distractors as gallery, a query meets as many others
/// as in a catalogue of that size. With distractors alone (or nothing) as gallery, classes are as frequent as over all unordered pairs of the split,
/// which is how <see cref="ModelEvaluation"/> measures. Another size is reached by weighing wrong pairs (<see cref="WeightFor"/>). Train pictures are further from others than pictures of new classes are, since the model was
/// trained to tell them apart: a gallery of them makes thresholds optimistic, distractors do not.</para>
/// <para>Largest F1. The maximum of a curve measured on few classes lies where chance put it. F1 is therefore averaged with Gaussian weights over
/// thresholds (standard deviation: a quarter of the width of the plateau on which F1 is at least 0.95 of the best) before the maximum is taken: a
/// threshold in the middle of good ones transfers better than a peak at their edge.</para>
/// <para>Precision. The lowest threshold of a grid over the curve's range at which the lower confidence bound of precision reaches the target.</para>
/// </remarks>
internal static class ThresholdCalibration
{
    private const double PlateauPart = .25;
    private const double Reach = 3;

    /// <param name="set">Validation pictures as members, what else they are compared with as gallery.</param>
    /// <param name="target">What the threshold is for.</param>
    /// <param name="seed">Of the sample in sets of over 20,000 rows.</param>
    /// <param name="negativeWeight">How many pairs each pair of two classes stands for.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    /// <exception cref="Initial.TooLittleDataException">No class has a pair.</exception>
    public static CalibratedThreshold Choose(
        EvaluationSet set, CalibrationTarget target, int seed, double negativeWeight = 1, CancellationToken cancellationToken = default)
    {
        if (set.PositivePairs == 0)
        {
            throw new Initial.TooLittleDataException("no validation class has two pictures: there is nothing to choose the threshold on");
        }

        var density = SimilarityDensity.Measure(NegativeSample.Of(set, seed), cancellationToken);
        var curve = PairCurve.Measure(set, density, negativeWeight, cancellationToken);
        var curves = ClassCurves.Measure(set, curve, cancellationToken);
        var (threshold, reached) = target.Precision is { } precision
            ? LowestPrecise(curves, precision, negativeWeight)
            : (SmoothedBest(curve), true);
        return Describe(curve, curves, threshold, reached);
    }

    /// <summary>The weight with which a set stands for one where there are so many pairs of two classes for each member.</summary>
    /// <param name="set">What is measured.</param>
    /// <param name="wrongPairsAPicture">
    /// About n / 2 over all unordered pairs of a split of n pictures; G in a catalogue where each query meets G others.
    /// </param>
    public static double WeightFor(EvaluationSet set, double wrongPairsAPicture)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(wrongPairsAPicture);
        return wrongPairsAPicture * set.Members.Count / Math.Max(1, set.AllPairs - set.PositivePairs);
    }

    /// <summary>The threshold with the largest smoothed F1; of equals the highest.</summary>
    internal static double SmoothedBest(PairCurve curve)
    {
        var width = curve.PlateauWidth * PlateauPart;
        if (width == 0)
        {
            return curve.BestThreshold;
        }

        var (best, bestF1) = (curve.BestThreshold, -1.0);
        var (step, low) = (width / 8, curve.Threshold(curve.Count - 1));
        var f1 = Steps(curve, step);
        var kernel = Enumerable.Range(0, (int)(Reach * 8) + 1).Select(k => Math.Exp(-k * k / 128.0)).ToArray();
        for (var i = 0; i < f1.Length; i++)
        {
            var (sum, weights) = (0.0, 0.0);
            for (var k = -(kernel.Length - 1); k < kernel.Length; k++)
            {
                if (i + k >= 0 && i + k < f1.Length)
                {
                    sum += kernel[Math.Abs(k)] * f1[i + k];
                    weights += kernel[Math.Abs(k)];
                }
            }

            (best, bestF1) = sum / weights >= bestF1 ? (low + (i * step), sum / weights) : (best, bestF1);
        }

        return best;
    }

    /// <summary>F1 at even steps from the lowest threshold of the curve to the highest, wrong pairs between two candidates spread evenly.</summary>
    private static double[] Steps(PairCurve curve, double step)
    {
        var low = curve.Threshold(curve.Count - 1);
        var result = new double[(int)((curve.Threshold(0) - low) / step) + 1];
        var i = curve.Count - 1;
        for (var k = 0; k < result.Length; k++)
        {
            var t = low + (k * step);
            while (i > 0 && curve.Threshold(i) < t)
            {
                i--;
            }

            // Candidate i is at or above t, the next one below it.
            double wrong = curve.FalsePositives(i);
            if (i + 1 < curve.Count && curve.Threshold(i) > t)
            {
                var part = (curve.Threshold(i) - t) / (curve.Threshold(i) - curve.Threshold(i + 1));
                wrong += part * (curve.FalsePositives(i + 1) - curve.FalsePositives(i));
            }

            result[k] = 2.0 * curve.TruePositives(i) / (curve.TruePositives(i) + (curve.NegativeWeight * wrong) + curve.PositivePairs);
        }

        return result;
    }

    private static (double Threshold, bool Reached) LowestPrecise(ClassCurves curves, double precision, double negativeWeight)
    {
        var (nearest, nearestBound) = (ClassCurves.Thresholds - 1, -1.0);
        for (var i = 0; i < ClassCurves.Thresholds; i++)
        {
            var bound = Bound(curves, i, negativeWeight);
            if (bound >= precision)
            {
                return (curves.Threshold(i), true);
            }

            (nearest, nearestBound) = bound >= nearestBound ? (i, bound) : (nearest, nearestBound);
        }

        return (curves.Threshold(nearest), false);
    }

    private static double Bound(ClassCurves curves, int index, double negativeWeight) => PrecisionBound.Lower(
    [
        .. Enumerable.Range(0, curves.ClassCount).Select(c =>
        {
            double right = curves.TruePositives(c, index);
            return (right, right + (negativeWeight * ((curves.FalsePositives(c, index) / 2.0) + curves.GalleryFalsePositives(c, index))));
        }),
    ]);

    private static CalibratedThreshold Describe(PairCurve curve, ClassCurves curves, double threshold, bool reached)
    {
        // The lowest candidate at or above the threshold has the same right pairs, and hardly fewer wrong ones.
        var i = 0;
        while (i + 1 < curve.Count && curve.Threshold(i + 1) >= threshold)
        {
            i++;
        }

        var grid = 0;
        while (grid + 1 < ClassCurves.Thresholds && curves.Threshold(grid + 1) <= threshold)
        {
            grid++;
        }

        return new CalibratedThreshold(
            threshold, curve.F1(i), curve.BestF1, curve.Precision(i), Bound(curves, grid, curve.NegativeWeight), curve.Recall(i), reached);
    }
}
