using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.LabelledSets;

namespace CpfPipeline.Learning.Calibration;

/// <summary>Chooses the one threshold from parts measured separately: folds of cross-fitting, and sets that share it.</summary>
/// <remarks>
/// The parts of a set are added up, as if their pairs lay in one. What is maximised is F1 for one set; for several the mean of their F1
/// relative to their best, so that a hard set counts as much as an easy one. The curve is averaged with Gaussian weights over thresholds
/// (standard deviation: a quarter of the width of the plateau on which it is at least 0.95 of its best) before its maximum is taken:
/// measured on few classes the maximum lies where chance put it, and a threshold amid good ones carries over better than a peak. For a
/// precision: the lowest threshold at which the lower confidence bound of precision reaches it.
/// </remarks>
public static class PooledCalibration
{
    private const double Step = .001;
    private const double PlateauPart = .25;

    /// <param name="sets">Parts of each set.</param>
    /// <param name="target">What the threshold is for.</param>
    /// <exception cref="TooLittleDataException">A set has no pair of one class.</exception>
    public static PooledThreshold Choose(IReadOnlyList<IReadOnlyList<MeasuredPart>> sets, CalibrationTarget target)
    {
        if (sets.Count == 0 || sets.Any(s => s.All(p => p.Curve.Count == 0)))
        {
            throw new LabelledSets.TooLittleDataException(
                "no validation class has two pictures: there is nothing to choose the threshold on");
        }

        var parts = sets.SelectMany(s => s).Where(p => p.Curve.Count > 0).ToList();
        var low = parts.Max(p => p.Curve.Threshold(p.Curve.Count - 1));
        var high = Math.Max(low, parts.Max(p => p.Curve.Threshold(0)));
        var thresholds = Enumerable.Range(0, (int)((high - low) / Step) + 1).Select(i => low + (i * Step)).ToArray();
        var counts = sets.Select(s => thresholds.Select(t => PooledCounts.Of(s, t)).ToArray()).ToList();
        var best = counts.Select(c => c.Max(x => x.F1)).ToList();
        var objective = Enumerable.Range(0, thresholds.Length)
            .Select(i => counts.Select((c, k) => c[i].F1 / Math.Max(best[k], double.Epsilon)).Average()).ToArray();
        var (index, reached) = target.Precision is { } precision
            ? LowestPrecise(parts, thresholds, precision)
            : (SmoothedBest(objective), true);
        var at = counts.Select(c => c[index]).ToList();
        return new PooledThreshold(
            thresholds[index], at.Average(c => c.F1), [.. at.Select(c => c.F1)], best,
            at.Sum(c => c.Right) / Math.Max(at.Sum(c => c.Right + c.Wrong), double.Epsilon), reached);
    }

    private static int SmoothedBest(double[] objective)
    {
        var top = objective.Max();
        var on = Enumerable.Range(0, objective.Length).Where(i => objective[i] >= PairCurve.PlateauShare * top).ToList();
        var deviation = Math.Max(1, PlateauPart * (on[^1] - on[0]));
        var reach = (int)(3 * deviation);
        var (best, bestValue) = (0, double.NegativeInfinity);
        for (var i = 0; i < objective.Length; i++)
        {
            var (sum, weights) = (0.0, 0.0);
            for (var k = Math.Max(0, i - reach); k <= Math.Min(objective.Length - 1, i + reach); k++)
            {
                var weight = Math.Exp(-.5 * (k - i) * (k - i) / (deviation * deviation));
                sum += weight * objective[k];
                weights += weight;
            }

            (best, bestValue) = sum / weights >= bestValue ? (i, sum / weights) : (best, bestValue);
        }

        return best;
    }

    private static (int Index, bool Reached) LowestPrecise(List<MeasuredPart> parts, double[] thresholds, double precision)
    {
        var (nearest, nearestBound) = (thresholds.Length - 1, -1.0);
        for (var i = 0; i < thresholds.Length; i++)
        {
            var bound = PrecisionBound.Lower([.. parts.SelectMany(p => p.ClassesAt(thresholds[i]))]);
            if (bound >= precision)
            {
                return (i, true);
            }

            (nearest, nearestBound) = bound >= nearestBound ? (i, bound) : (nearest, nearestBound);
        }

        return (nearest, false);
    }

    private readonly record struct PooledCounts(double Right, double Wrong, double All)
    {
        public double F1 => 2 * Right / (Right + Wrong + All);

        public static PooledCounts Of(IReadOnlyList<MeasuredPart> parts, double threshold)
        {
            var (right, wrong, all) = (0.0, 0.0, 0.0);
            foreach (var part in parts.Where(p => p.Curve.Count > 0))
            {
                var (r, w) = part.At(threshold);
                (right, wrong, all) = (right + r, wrong + w, all + part.Curve.PositivePairs);
            }

            return new PooledCounts(right, wrong, all);
        }
    }
}
