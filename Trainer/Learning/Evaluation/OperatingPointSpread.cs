namespace CpfPipeline.Learning.Evaluation;

/// <summary>
/// OPIS, how differently the classes fare at one threshold (Zhang et al., Threshold-Consistent Margin Loss for Open-World Deep Metric Learning, ICLR 2024):
/// U_i(t) = 2 sens spec / (sens + spec) of class i at threshold t, sens the share of its pairs with s &gt;= t, spec the share of pairs of a
/// member with anything else with s &lt; t; OPIS is the population variance of U over classes, averaged over 100 thresholds evenly spaced from the
/// one with 10 % false acceptance of all pairs of two classes to the one with 1 %, both included.
/// </summary>
/// <remarks>Classes without a pair take no part. Pairs of two classes come from a <see cref="NegativeSample"/>: exact up to 20,000 rows.</remarks>
internal static class OperatingPointSpread
{
    public const int Thresholds = 100;

    private const int ClassesShown = 200;
    private const double HighestFalseAcceptance = .1;
    private const double LowestFalseAcceptance = .01;

    /// <param name="sample">What stands for the pairs of two classes.</param>
    /// <param name="density">Of the same sample.</param>
    /// <param name="labels">Names of the classes.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    /// <returns>OPIS, 0 when it is not defined, and the points it comes from.</returns>
    public static (double Opis, OperatingPoints Points) Measure(
        NegativeSample sample, SimilarityDensity density, IReadOnlyList<string> labels, CancellationToken cancellationToken = default)
    {
        var set = sample.Set;
        var outside = sample.RowsOutside();
        var classes = Enumerable.Range(0, outside.Length).Where(c => set.MembersByClass[c].Count > 1 && outside[c] > 0).ToList();
        if (classes.Count == 0 || density.FalseAcceptanceQuantile(HighestFalseAcceptance) is not { } low)
        {
            return (0, new OperatingPoints([], [], [], []));
        }

        var thresholds = Spaced(low, density.FalseAcceptanceQuantile(LowestFalseAcceptance)!.Value);
        var (right, wrong) = (new int[outside.Length, Thresholds + 1], new long[outside.Length, Thresholds + 1]);
        set.VisitPositives(() => right, (counts, c, _, _, similarity) => counts[c, Reached(thresholds, similarity)]++, _ => { }, cancellationToken);
        sample.Join(low, (a, _, similarity) => wrong[set.Classes[a], Reached(thresholds, similarity)]++, cancellationToken);

        var utilities = classes.ConvertAll(c => Utilities(
            c, right, wrong, (double)set.MembersByClass[c].Count * (set.MembersByClass[c].Count - 1) / 2, (double)set.MembersByClass[c].Count * outside[c]));
        var means = Enumerable.Range(0, Thresholds).Select(k => utilities.Average(u => u[k])).ToArray();
        var opis = Enumerable.Range(0, Thresholds).Average(k => utilities.Average(u => (u[k] - means[k]) * (u[k] - means[k])));
        var shown = Enumerable.Range(0, Math.Min(ClassesShown, classes.Count)).Select(i => (int)((long)i * classes.Count / Math.Min(ClassesShown, classes.Count))).ToList();
        return (opis, new OperatingPoints(thresholds, [.. shown.Select(i => utilities[i])], [.. shown.Select(i => labels[classes[i]])], means));
    }

    private static double[] Spaced(double low, double high) =>
        [.. Enumerable.Range(0, Thresholds).Select(k => low + ((high - low) * k / (Thresholds - 1)))];

    private static double[] Utilities(int c, int[,] right, long[,] wrong, double positives, double negatives)
    {
        var result = new double[Thresholds];
        var (accepted, falselyAccepted) = (0L, 0L);
        for (var k = Thresholds - 1; k >= 0; k--)
        {
            accepted += right[c, k + 1];
            falselyAccepted += wrong[c, k + 1];
            var (sensitivity, specificity) = (accepted / positives, 1 - (falselyAccepted / negatives));
            result[k] = sensitivity + specificity == 0 ? 0 : 2 * sensitivity * specificity / (sensitivity + specificity);
        }

        return result;
    }

    /// <summary>How many thresholds a similarity reaches.</summary>
    private static int Reached(double[] thresholds, double similarity)
    {
        var (low, high) = (0, thresholds.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = thresholds[middle] <= similarity ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
