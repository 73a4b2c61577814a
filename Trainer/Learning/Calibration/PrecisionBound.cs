namespace CpfPipeline.Learning.Calibration;

/// <summary>
/// Lower confidence bound of a precision whose pairs come in classes: Wilson's (1927) bound with the number of pairs reduced to the effective one, as
/// surveys with clusters do (Dean and Pagano, 2015, Evaluating Confidence Interval Methods for Binomial Proportions in Clustered Surveys).
/// </summary>
internal static class PrecisionBound
{
    // One-sided 95 %.
    private const double Z = 1.6448536269514722;

    /// <param name="classes">Of each class: right pairs, and all pairs it answers for (a pair of two classes half each), at or above the threshold.</param>
    /// <returns>0 when there are no pairs.</returns>
    public static double Lower(IReadOnlyList<(double Right, double All)> classes)
    {
        var (right, all) = (classes.Sum(c => c.Right), classes.Sum(c => c.All));
        if (all == 0)
        {
            return 0;
        }

        var share = right / all;
        var linked = classes.Count(c => c.All > 0);

        // Variance of a ratio of sums over classes. With none, all pairs right or all wrong, it says nothing: then a class counts as one pair.
        var clustered = linked < 2 ? 0 : linked / (linked - 1.0) * classes.Sum(c => Math.Pow(c.Right - (share * c.All), 2)) / (all * all);
        var effective = clustered > 0 ? Math.Min(all, share * (1 - share) / clustered) : Math.Min(all, linked);
        return Wilson(share, effective);
    }

    internal static double Wilson(double share, double n)
    {
        var z2 = Z * Z;
        return (share + (z2 / (2 * n)) - (Z * Math.Sqrt(((share * (1 - share)) + (z2 / (4 * n))) / n))) / (1 + (z2 / n));
    }
}
