namespace CpfPipeline.Learning.Evaluation;

/// <summary>
/// Pairwise precision, recall and F1 of a set over thresholds, exact: over all unordered pairs of two members and of a member and a
/// distractor (see
/// <see cref="EvaluationSet"/>).
/// </summary>
/// <remarks>
/// Only thresholds are counted that can matter. With P pairs of one class and n(t) pairs at or above t, F1(t) = 2 TP / (n(t) + P) &lt;= 2 P
/// / (n(t) + P), and n only grows as t falls: below a t where that bound is less than <see cref="PlateauShare"/> of the best F1 nothing can
/// lie on the plateau.
/// </remarks>
public sealed class PairCurve
{
    /// <summary>The plateau is where F1 is at least this share of the best.</summary>
    public const double PlateauShare = .95;

    // Counting all of so few pairs takes about a second.
    private const long MaxUnprunedPairs = 10_000_000;

    private readonly ThresholdCandidates _candidates;
    private readonly long[] _falsePositives;

    private PairCurve(ThresholdCandidates candidates, long[] falsePositives, long positivePairs, double negativeWeight)
    {
        (_candidates, _falsePositives) = (candidates, falsePositives);
        (PositivePairs, NegativeWeight) = (positivePairs, negativeWeight);
        BestIndex = 0;
        for (var i = 1; i < Count; i++)
        {
            BestIndex = F1(i) > F1(BestIndex) ? i : BestIndex;
        }
    }

    /// <summary>Thresholds counted, by falling threshold: similarities of pairs of one class.</summary>
    public int Count => _falsePositives.Length;

    public long PositivePairs { get; }

    /// <summary>How many pairs each pair of two classes stands for.</summary>
    public double NegativeWeight { get; }

    /// <summary>Of equals the highest threshold; 0 and of no meaning when <see cref="Count"/> is 0.</summary>
    public int BestIndex { get; }

    public double BestF1 => Count == 0 ? 0 : F1(BestIndex);

    /// <summary>1 when no class has a pair.</summary>
    public double BestThreshold => Count == 0 ? 1 : Threshold(BestIndex);

    /// <summary>Distance of the highest and the lowest counted threshold with F1 at least <see cref="PlateauShare"/> of the best.</summary>
    public double PlateauWidth
    {
        get
        {
            if (Count == 0)
            {
                return 0;
            }

            var on = Enumerable.Range(0, Count).Where(i => F1(i) >= PlateauShare * BestF1).ToList();
            return Threshold(on[0]) - Threshold(on[^1]);
        }
    }

    public double Threshold(int index) => _candidates[index];

    public long TruePositives(int index) => _candidates.TruePositives[index];

    /// <summary>Not weighted.</summary>
    public long FalsePositives(int index) => _falsePositives[index];

    public double Precision(int index) => TruePositives(index) / (TruePositives(index) + (NegativeWeight * FalsePositives(index)));

    public double Recall(int index) => (double)TruePositives(index) / PositivePairs;

    public double F1(int index) =>
        2.0 * TruePositives(index) / (TruePositives(index) + (NegativeWeight * FalsePositives(index)) + PositivePairs);

    /// <summary>Counts a set.</summary>
    /// <param name="set">Members and gallery.</param>
    /// <param name="density">Of the same set; decides how far down to count, never what comes out.</param>
    /// <param name="negativeWeight">How many pairs each pair of two classes stands for, above 0.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public static PairCurve Measure(
        EvaluationSet set, SimilarityDensity density, double negativeWeight = 1, CancellationToken cancellationToken = default) =>
        Measure(set, density, negativeWeight, MaxUnprunedPairs, cancellationToken);

    /// <summary>Counts a set for which nothing else is measured.</summary>
    /// <param name="set">Members and gallery.</param>
    /// <param name="seed">
    /// Of the sample that decides how far down to count in sets of over 20,000 rows; the outcome does not depend on it.
    /// </param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public static PairCurve Measure(EvaluationSet set, int seed, CancellationToken cancellationToken = default) =>
        Measure(set, SimilarityDensity.Measure(NegativeSample.Of(set, seed), cancellationToken), 1, cancellationToken);

    /// <summary>The same with the setting that only time depends on, so that tests reach every path with few pairs.</summary>
    internal static PairCurve Measure(
        EvaluationSet set, SimilarityDensity density, double negativeWeight, long maxPairsUnpruned, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(negativeWeight);
        var candidates = ThresholdCandidates.Of(set, cancellationToken);
        var positives = set.PositivePairs;
        double PairsThatSettle(double f1) => positives * ((2 / (PlateauShare * f1)) - 1);

        var expected = density.BestF1(negativeWeight);
        var prunes = set.AllPairs > maxPairsUnpruned && expected > 0;
        for (var margin = 1.05; ; margin *= 1.5)
        {
            var floor = (prunes ? density.HighestWith(margin * PairsThatSettle(expected), negativeWeight) : null)
                ?? EvaluationSet.LowestSimilarity;
            var curve = CountFrom(set, candidates, floor, positives, negativeWeight, out var pairs, cancellationToken);
            if (floor <= EvaluationSet.LowestSimilarity || (curve.BestF1 > 0 && pairs > PairsThatSettle(curve.BestF1)))
            {
                return curve;
            }
        }
    }

    /// <param name="pairs">Weighted pairs at or above the floor.</param>
    private static PairCurve CountFrom(
        EvaluationSet set, ThresholdCandidates candidates, double floor, long positives, double negativeWeight, out double pairs,
        CancellationToken cancellationToken)
    {
        // The last place is for pairs below every candidate.
        var counts = new long[candidates.Count + 1];
        set.Join(floor, (a, b, similarity) =>
        {
            if (set.Classes[a] != set.Classes[b])
            {
                counts[candidates.IndexAtOrBelow(similarity)]++;
            }
        }, (_, _, similarity) => counts[candidates.IndexAtOrBelow(similarity)]++, cancellationToken);
        for (var i = 1; i < counts.Length; i++)
        {
            counts[i] += counts[i - 1];
        }

        var counted = candidates.IndexAtOrBelow(floor);
        if (counted < candidates.Count && candidates[counted] == floor)
        {
            counted++;
        }

        pairs = (counted == 0 ? 0 : candidates.TruePositives[counted - 1]) + (negativeWeight * counts[^1]);
        return new PairCurve(candidates, counts[..counted], positives, negativeWeight);
    }
}
